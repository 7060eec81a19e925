"""Rows and columns of a matrix in another order, without a copy of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Part = slice | Ints


@dataclass(frozen=True, slots=True)
class Taken:
    """``matrix`` (N, M) with row ``rows[i]`` at i and column ``columns[j]`` at j.

    Example:
        >>> turned = Taken(np.array([[1, 2], [3, 4]]), np.array([1, 0]), np.array([0, 1]))
        >>> turned[0:1, 0:2]
        array([[3, 4]])
        >>> turned[np.array([0, 1]), np.array([0, 1])]
        array([3, 2])
    """

    matrix: Array
    rows: Ints
    columns: Ints

    @staticmethod
    def of(matrix: "Array | Taken", rows: Ints, columns: Ints) -> "Array | Taken":
        """``matrix`` itself where nothing changes its place."""
        if isinstance(matrix, Taken):
            return Taken(matrix.matrix, matrix.rows[rows], matrix.columns[columns])
        same = all((each == np.arange(len(each))).all() for each in (rows, columns))
        return matrix if same else Taken(matrix, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        """(N, M)."""
        return len(self.rows), len(self.columns)

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the matrix."""
        return self.matrix.dtype

    def __getitem__(self, part: tuple[Part, Part]) -> Array:
        """A copy of a block; of two arrays of numbers, as numpy has it, of single pairs."""
        asked, answers = part
        rows, columns = self.rows[asked], self.columns[answers]
        if isinstance(asked, slice) or isinstance(answers, slice):
            return self.matrix[np.ix_(rows, columns)]
        return self.matrix[rows, columns]
