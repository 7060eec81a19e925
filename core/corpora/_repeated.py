"""How many captions a row of stored vectors has, and whether each row stands there five times."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import InputError

FIVE = 5
LOOKED_AT = 200
"""Fives that are looked at first: a matrix in which fewer than half of these agree has none."""
_BLOCK_BYTES = 2**26


class Share(NamedTuple):
    """Every how many rows another picture stands, and how many captions each picture has."""

    step: int
    captions: int


def share(matrix: npt.NDArray[Any], file: Path, captions: int, texts: Path) -> Share:
    """Which captions belong to which rows: one a row, five a row, or five to five equal rows.

    Args:
        matrix: (N, ...) of ``file``.
        file: for messages.
        captions: how many there are in ``texts``.
        texts: for messages.

    Raises:
        InputError: another count, or some fives of equal rows but not all.
    """
    rows = len(matrix)
    if captions == FIVE * rows:
        return Share(1, FIVE)
    if captions != rows:
        raise InputError(
            f"{file} has {rows:,} rows and {texts} has {captions:,} captions; there must be as "
            f"many captions as rows, or {FIVE} times as many"
        )
    if rows % FIVE or not _mostly(matrix):
        return Share(1, 1)
    other = _first_other(matrix)
    if other is not None:
        raise InputError(
            f"{file} repeats its pictures {FIVE} times, but row {other:,} is not that before it, "
            f"so that it is unknown which captions are of one picture; make its rows equal in "
            f"fives, or save one row a picture"
        )
    return Share(FIVE, FIVE)


def _mostly(matrix: npt.NDArray[Any]) -> bool:
    """Whether at least half of some fives, spread over the matrix, are five equal rows."""
    fives = np.linspace(0, len(matrix) // FIVE - 1, num=min(LOOKED_AT, len(matrix) // FIVE))
    firsts = FIVE * fives.astype(np.int64)
    equal = [_other(matrix[start : start + FIVE]) is None for start in firsts]
    return 2 * sum(equal) >= len(equal)


def _first_other(matrix: npt.NDArray[Any]) -> int | None:
    """The first row that differs from the first one of its five; None where none does."""
    size = FIVE * max(1, _BLOCK_BYTES // (FIVE * matrix[0].nbytes))
    for start in range(0, len(matrix), size):
        found = _other(matrix[start : start + size])
        if found is not None:
            return start + found
    return None


def _other(block: npt.NDArray[Any]) -> int | None:
    """As ``_first_other``, of some whole fives; bytes are compared, for a NaN equals nothing."""
    data = np.ascontiguousarray(block).view(np.uint8).reshape(len(block) // FIVE, FIVE, -1)
    equal = (data == data[:, :1]).all(axis=2).ravel()
    return None if equal.all() else int(np.argmin(equal))
