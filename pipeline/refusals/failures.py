"""How much may be skipped: listed always, an error above ``--max-errors``."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import TooManyFailures
from core.files import keep_bytes, plain_name
from core.wording import counted, one_line
from pipeline.said.progress import say
from pipeline.typed.by_make import option

SHOWN = 5


def listed(noun: str, what: str, lines: Sequence[str], full: Path | None = None) -> None:
    """Say that so many ``noun`` (its plural) ``what``, and of the first few which and why.

    All are listed in the file ``full``, a line each, where one is given and can be written; where
    there are none any more, neither is the file.
    """
    told = in_full(full, lines) if full else ""
    if not lines:
        return
    say(f"{counted(len(lines), noun)} {what}{told}:")
    for line in lines[:SHOWN]:
        say(f"  {line}")
    if len(lines) > SHOWN:
        say(f"  and {len(lines) - SHOWN} more")


def left_out(work: Path, corpus: str, kind: str) -> Path:
    """Where it is listed in full what was left out of a corpus."""
    return work / "left-out" / f"{plain_name(corpus)}-{kind}.txt"


def in_full(full: Path, lines: Sequence[str]) -> str:
    """Keep the lines in ``full``; what to say of it: where they are, or why they are not there.

    Without lines the file goes, and there is nothing to say.
    """
    try:
        if not lines:
            full.unlink(missing_ok=True)
            return ""
        data = "".join(f"{one_line(line)}\n" for line in lines).encode()
        keep_bytes(full, data)
    except OSError as error:
        return f" (they cannot be listed in {full}: {error.strerror})"
    return f" (all listed in {full})"


DONE = "all the rest is done and kept: mend them and run again"


def too_many(
    count: int, total: int, max_errors: float, what: str, way: str = DONE, enough: float = 0.0
) -> TooManyFailures | None:
    """The error when ``count`` of ``total`` is more than ``max_errors`` percent, else None.

    ``way`` is the way out beside that of accepting them, which is offered where some are left;
    ``enough`` is what must be accepted elsewhere too, in percent.
    """
    percent = 100.0 * count / total if total else 0.0
    if percent <= max_errors:
        return None
    if count == total:
        return TooManyFailures(f"all {total} {what}, and nothing is left: {way}")
    accepted = option("max-errors", _above(max(percent, enough)))
    return TooManyFailures(
        f"{count} of {total} {what}: {percent:.3g} % is more than --max-errors {max_errors:g}; "
        f"{way}, or accept them with {accepted}"
    )


def _above(percent: float) -> str:
    """A short number above ``percent``, and below 100: with that nothing would be refused."""
    above = min(percent * 1.01, (percent + 100.0) / 2)
    return next(
        told for digits in range(3, 18) if percent <= float(told := f"{above:.{digits}g}") < 100.0
    )


def require(problem: TooManyFailures | None) -> None:
    """Raise ``problem`` if there is one."""
    if problem:
        raise problem
