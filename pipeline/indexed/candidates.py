"""Who may be among the nearest, as an index has it: these alone are then compared exactly."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.indexed.unit import Numbers

if TYPE_CHECKING:
    from pipeline.indexed.library import Index

ALL_COMPARED = 20_000
"""Among so many, all are compared exactly: that takes milliseconds, and loses nothing."""
Among = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Of ``count`` vectors, by an index.

    ``effort`` and ``each`` are what was measured: how much a query looks at, and how many
    candidates a result.
    """

    index: "Index"
    count: int
    effort: int
    each: int

    def among(self, query: Numbers, k: int, among: Among | None = None) -> Among | None:
        """Who may be among the ``k`` nearest to a query (1, D) float32.

        Args:
            query: of the width of the vectors.
            k: at least 1.
            among: (N,) bool, who may answer; all, unless given.

        Returns:
            (N,) bool, at least ``k`` of ``among`` as far as there are; ``among`` itself where it is
            small, or where the index finds too few of them: then all are compared.
        """
        if not self.are_sought(k, among):
            return among
        rows = self.index.nearest(query, k * self.each, self.effort, among)[0]
        found = rows[rows >= 0]
        if len(found) < k:
            return among
        chosen = np.zeros(self.count, dtype=np.bool_)
        chosen[found] = True
        return chosen

    def are_sought(self, k: int, among: Among | None = None) -> bool:
        """Whether the index is asked for ``k`` of ``among``: not where all are compared."""
        allowed = self.count if among is None else int(np.count_nonzero(among))
        return allowed > max(ALL_COMPARED, k * self.each)
