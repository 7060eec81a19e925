"""How much may be skipped: listed always, an error above ``--max-errors``."""

from collections.abc import Sequence

from core.errors import TooManyFailures
from core.wording import counted
from pipeline.by_make import option
from pipeline.progress import say

SHOWN = 5


def listed(noun: str, what: str, lines: Sequence[str]) -> None:
    """Say that so many ``noun`` (its plural) ``what``, and of the first few which and why."""
    if not lines:
        return
    say(f"{counted(len(lines), noun)} {what}:")
    for line in lines[:SHOWN]:
        say(f"  {line}")
    if len(lines) > SHOWN:
        say(f"  and {len(lines) - SHOWN} more")


DONE = "all the rest is done and kept: mend them and run again"


def too_many(
    count: int, total: int, max_errors: float, what: str, way: str = DONE
) -> TooManyFailures | None:
    """The error when ``count`` of ``total`` is more than ``max_errors`` percent, else None.

    ``way`` is the way out beside that of accepting them.
    """
    percent = 100.0 * count / total if total else 0.0
    if percent <= max_errors:
        return None
    accepted = option("max-errors", f"{min(100.0, percent * 1.01):.3g}")
    return TooManyFailures(
        f"{count} of {total} {what}: {percent:.3g} % is more than --max-errors {max_errors:g}; "
        f"{way}, or accept them with {accepted}"
    )


def require(problem: TooManyFailures | None) -> None:
    """Raise ``problem`` if there is one."""
    if problem:
        raise problem
