"""One way of asking: which side asks, which answers, and by what scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evaluate.hits import Ints
from evaluate.scores.face import Floats, Scores
from evaluate.scores.sides import Names
from evaluate.standing import IMAGES

BLOCK = 2**24
"""Scores of one block of queries and the whole gallery: 128 MB."""
CANDIDATES = 4096


@dataclass(frozen=True)
class Way:
    """``asks``: the images of ``scores`` (``IMAGES``) or its captions (``CAPTIONS``).

    With ``itself`` both are one side, and a query is not in its own gallery.
    """

    scores: Scores
    asks: int
    itself: bool = False

    @property
    def asking(self) -> Names:
        """The ids of the queries, (Q,)."""
        return self._ids[self.asks]

    @property
    def gallery(self) -> int:
        """How many candidates a query has."""
        return len(self._ids[1 - self.asks]) - self.itself

    @cached_property
    def slack(self) -> Floats:
        """How far apart two scores of each query tie, (Q,) float64."""
        return self.scores.slack()[self.asks]

    @cached_property
    def toss(self) -> Ints:
        """The place of each candidate where scores tie, (N,) int64."""
        sides = self.scores.sides
        return sides.caption_toss if self.asks == IMAGES else sides.image_toss

    def parts(self) -> Iterator[slice]:
        """All queries, as many at once as there is room for their scores."""
        step = max(1, BLOCK // max(1, len(self.toss)))
        for start in range(0, len(self.asking), step):
            yield slice(start, min(start + step, len(self.asking)))

    def block(self, part: slice) -> Floats:
        """All candidates of some queries: (queries, N) float64; minus infinity is the query itself.

        Args:
            part: so many of the queries, from a row to a row.
        """
        count = part.stop - part.start
        found = np.empty((count, len(self.toss)))
        for start in range(0, len(self.toss), CANDIDATES):
            some = slice(start, min(start + CANDIDATES, len(self.toss)))
            found[:, some] = self._scored(part, some)
        if self.itself:
            row = np.arange(count)
            found[row, part.start + row] = -np.inf
        return found

    def _scored(self, part: slice, some: slice) -> Floats:
        if self.asks == IMAGES:
            return self.scores.exact(np.arange(part.start, part.stop), some)
        return self.scores.exact(np.arange(some.start, some.stop), part).T

    @property
    def _ids(self) -> tuple[Names, Names]:
        return self.scores.sides.image_id, self.scores.sides.caption_id
