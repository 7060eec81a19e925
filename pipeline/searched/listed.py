"""What was found, as a person reads it on a terminal."""

from core.wording import counted, one_line
from pipeline.searched.found import Found, Result

CAPTIONS = 2
"""Captions of a picture that are told; how many more there are is said."""


def listed(found: Found) -> str:
    """The query, then a few lines a result: rank, score, where it lies, what is said of it.

    What would move a terminal's cursor is escaped.
    """
    unknown = f" (taken for the unknown word: {', '.join(found.unknown)})" if found.unknown else ""
    results = [line for result in found.results for line in _lines(result)]
    return "\n".join(map(one_line, [f"{found.query}{unknown}", *results]))


def _lines(result: Result) -> list[str]:
    head = f"{result.rank:>4}  {result.score:6.3f}  "
    left = " " * len(head)
    told = list(result.captions[:CAPTIONS])
    if more := len(result.captions) - CAPTIONS:
        told += [f"and {counted(more, 'caption')} more"] if more > 0 else []
    return [f"{head}{result.path or result.id}", *(f"{left}{caption}" for caption in told)]
