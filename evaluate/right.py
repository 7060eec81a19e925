"""Who is a right answer to whom: any pairs of a query and a candidate."""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from evaluate.hits import Ints

Bools = npt.NDArray[np.bool_]
NO_LABELS = (
    "right is what shares a label, and no picture has one; ask about a corpus with labels "
    "(docs/corpora.md), or choose another --protocol"
)


class Right(ABC):
    """Which candidates are right answers to each query; to some there may be none."""

    @abstractmethod
    def of(self, part: slice) -> Bools:
        """(queries, candidates) of some of the queries, the caller's to change."""


class Shared(Right):
    """Right is what shares a label."""

    def __init__(self, asking: Bools, answering: Bools) -> None:
        """``asking`` (queries, classes) and ``answering`` (candidates, classes): who has which.

        Who has no label shares none.

        Raises:
            InputError: they have not the same classes.
        """
        if asking.shape[1] != answering.shape[1]:
            raise InputError(
                f"labels are of {asking.shape[1]} classes where is asked and of "
                f"{answering.shape[1]} where is answered; give both the same columns"
            )
        # Counts of shared labels are whole numbers far below 2**24: in float32 they are exact.
        self._asking, self._answering = asking.astype(np.float32), answering.astype(np.float32).T

    def of(self, part: slice) -> Bools:
        """A product of the labels: (queries, candidates)."""
        found: Bools = self._asking[part] @ self._answering > 0
        return found


class Listed(Right):
    """Right is what a list says, query by query."""

    def __init__(self, candidates: Ints, offsets: Ints, gallery: int) -> None:
        """``candidates`` (K,) are rows of the ``gallery``; the q-th query's begin at ``offsets``.

        ``offsets`` (Q + 1,) rise from 0 to K. A candidate that is listed twice counts once.

        Raises:
            InputError: there is no such candidate.
        """
        if len(candidates) and not 0 <= candidates.min() <= candidates.max() < gallery:
            raise InputError(f"a right answer is none of {gallery} candidates; count rows from 0")
        self._candidates, self._offsets, self._gallery = candidates, offsets, gallery

    def of(self, part: slice) -> Bools:
        """(queries, candidates)."""
        first, last, _ = part.indices(len(self._offsets) - 1)
        begin = self._offsets[first : last + 1]
        found = np.zeros((last - first, self._gallery), dtype=np.bool_)
        row = np.repeat(np.arange(last - first), np.diff(begin))
        found[row, self._candidates[begin[0] : begin[-1]]] = True
        return found
