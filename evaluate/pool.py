"""Who may still be among the first k, while candidates come some at a time."""

import numpy as np

from evaluate.hits import Ints
from evaluate.scores.face import Block


class Pool:
    """Of one query.

    Attributes:
        row: (n,) int64, those that are in it so far, rising where they came so.
    """

    def __init__(self, k: int, reach: float):
        """Who is more than ``reach`` below the k-th highest score is out."""
        self.row: Ints = np.empty(0, dtype=np.int64)
        self._k, self._reach = k, np.float64(reach)
        self._value: Block = np.empty(0)
        self._edge = np.float64(-np.inf)

    def take(self, value: Block, row: Ints) -> None:
        """Some candidates more: scores and rows, (n,) each."""
        self._raise_edge(value)
        near = np.flatnonzero(value >= self._edge)
        self._value = np.append(self._value, value[near])
        self.row = np.append(self.row, row[near])
        self._raise_edge(self._value)
        inside = self._value >= self._edge
        self._value, self.row = self._value[inside], self.row[inside]

    def _raise_edge(self, value: Block) -> None:
        """The k-th highest of some is no higher than that of all."""
        if (place := len(value) - self._k) >= 0:
            reached = np.float64(np.partition(value, place)[place]) - self._reach
            self._edge = max(self._edge, reached)
