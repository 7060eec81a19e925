"""Sparse matrices of somebody else's, written out: some rows at a time, in a file without a name.

Only what is not zero is held, and one block of rows; scipy is not needed.
"""

import shutil
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import InputError

BLOCK_BYTES = 2**26
_VALUE = np.dtype("<f4")


class Sparse(NamedTuple):
    """What is not zero, column by column, as MATLAB keeps it; ``shape`` is (N, D).

    Column j has ``values[ends[j] : ends[j + 1]]`` in the rows ``rows`` of the same places, ``ends``
    (D + 1,) and ``rows`` whole numbers. What stands twice in a place adds up.
    """

    shape: tuple[int, int]
    ends: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    values: npt.NDArray[Any]

    def blocks(self, step: int = 0) -> Iterator[npt.NDArray[np.float32]]:
        """``step`` rows at a time, by default ``BLOCK_BYTES``: (n, D) float32.

        Raises:
            ValueError: the parts do not fit together.
        """
        self._refuse_other()
        many, wide = self.shape
        step = step or max(1, BLOCK_BYTES // (_VALUE.itemsize * max(1, wide)))
        column = np.repeat(np.arange(wide), (self.ends[1:] - self.ends[:-1]).astype(np.int64))
        order = np.argsort(self.rows, kind="stable")
        row, column, values = (each[order] for each in (self.rows, column, self.values))
        bounds = np.searchsorted(row, np.arange(0, many + step, step))
        for number, start in enumerate(range(0, many, step)):
            here = slice(bounds[number], bounds[number + 1])
            block = np.zeros((min(step, many - start), wide), _VALUE)
            with np.errstate(over="ignore"):  # which an import refuses
                np.add.at(block, (row[here] - start, column[here]), values[here].astype(_VALUE))
            yield block

    def _refuse_other(self) -> None:
        many, wide = self.shape
        ends, rows = self.ends, self.rows
        if min(many, wide) < 1:
            raise ValueError("it has no rows, or no columns")
        whole = ends.dtype.kind in "iu" and rows.dtype.kind in "iu"
        if not whole or len(ends) != wide + 1 or ends[0] or ends[-1] != len(rows):
            raise ValueError("its columns do not end where its numbers do")
        if self.values.dtype.kind not in "fiub":
            raise ValueError(f"it holds {self.values.dtype.name}")
        if len(self.values) != len(rows) or (ends[1:] < ends[:-1]).any():
            raise ValueError("it has other columns than numbers")
        if len(rows) and (rows.min() < 0 or rows.max() >= many):
            raise ValueError("a number stands below its last row")


def refuse_too_large(name: str, shape: tuple[int, int]) -> None:
    """Refuse what cannot be written out in the system's temporary folder.

    Raises:
        InputError: it takes more than is free there; with both, and the folder.
    """
    folder = tempfile.gettempdir()
    needed, free = shape[0] * shape[1] * _VALUE.itemsize, shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{name} is sparse: written out, its {shape[0]:,} x {shape[1]:,} numbers take "
            f"{needed / 1e6:,.0f} MB, and {folder} has {free / 1e6:,.0f} MB free; set TMPDIR to a "
            "folder with more room, or keep fewer of its columns"
        )
