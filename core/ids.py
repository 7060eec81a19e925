"""Joining by ids, never by position."""

import numpy as np
import numpy.typing as npt

from core.errors import InputError

ALONE = "ask each alone"
Names = npt.NDArray[np.str_]


def rows_by_id(names: str, what: str, wanted: Names, there: Names) -> npt.NDArray[np.int64]:
    """The row in ``there`` of each id of ``wanted``, (N,); both have the same ids, each once.

    Args:
        names: who has them, for a message.
        what: what they are the ids of, in the plural.
        wanted: (N,).
        there: (N,).

    Raises:
        InputError: they have others; the first is named.
    """
    row = {str(i): number for number, i in enumerate(there)}
    others = sorted(row.keys() ^ set(map(str, wanted)))
    if others or len(row) != len(wanted):
        first = f", first {others[0]!r}" if others else ""
        raise InputError(f"{names} were asked about other {what}{first}; {ALONE}")
    return np.array([row[str(i)] for i in wanted], dtype=np.int64)
