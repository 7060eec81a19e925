"""The command that asks of a run, as it was typed, for lines that say what to type."""

from pathlib import Path

import click

USUAL = "evaluate"
"""What asks where no command does that takes ``--data``."""
WITH_DATA = {USUAL, "compare", "embed", "export", "index", "map", "search", "serve"}
BEHIND = {"search": ("SENTENCE",)}
"""What stands behind the run, of a command that is none without."""


def asking(run: Path) -> list[str]:
    """The words of the command that runs now, with ``run``; of ``evaluate`` where none does."""
    context = click.get_current_context(silent=True)
    typed = str(context.info_name) if context else ""
    name = typed if typed in WITH_DATA else USUAL
    return [name, str(run), *BEHIND.get(name, ())]
