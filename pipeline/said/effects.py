"""What each option of a command changes: which number, which place, or neither."""

from collections.abc import Mapping, Sequence

import click

TITLE = "What the options change"
WHERE = "a place, and no number"
DIGITS = "the last digits at most"
SKIPPED = "how much may be skipped"
NEITHER = "neither a number nor a place"

Effects = Mapping[str, Sequence[str]]
"""What changes -> the options, as they are kept; those for help are in none."""


def write(formatter: click.HelpFormatter, command: click.Command, effects: Effects) -> None:
    """A section of a help: each effect with the options that have it."""
    flags: dict[str | None, list[str]] = {}
    for each in command.params:  # one may be short for another, and is kept under its name
        told = each.opts[0] if isinstance(each, click.Option) else each.metavar or ""
        flags.setdefault(each.name, []).append(told)
    with formatter.section(TITLE):
        formatter.write_dl(
            [
                (effect, ", ".join(flag for name in names for flag in flags[name]))
                for effect, names in effects.items()
            ]
        )
