"""Searches that come at the same time are one pass over the vectors.

To look through a gallery takes as long as to read it from memory, for one query or for a few: who
comes while another one's pass is under way waits for its end, and all who wait have the next pass
together. Each is answered as it would be alone: the first are placed by their scores in float64.
"""

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from pipeline.searched.collection import Collection, Mask, Query
from pipeline.searched.face import Find
from pipeline.searched.galleries import Galleries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluate.nearest import Near
    from pipeline.indexed.candidates import Candidates


@dataclass(eq=False)
class _Asked:
    """A query that waits: of which pass it can be, and its answer once that is there."""

    vectors: Query
    k: int
    find: Find
    alike: bool
    among: Mask | None
    near: list["Near"] = field(default_factory=list)

    def goes_with(self, other: "_Asked") -> bool:
        """Whether one pass answers both."""
        alike = (self.k, self.find, self.alike) == (other.k, other.find, other.alike)
        if self.among is None or other.among is None:
            return alike and self.among is other.among
        return alike and np.array_equal(self.among, other.among)


class Together(Galleries):
    """The galleries of a collection that several threads ask at once."""

    def __init__(self, collection: Collection, indexes: "Mapping[Find, Candidates] | None" = None):
        """Nothing is read yet."""
        super().__init__(collection, indexes)
        self._pass, self._list = Lock(), Lock()
        self._waiting: list[_Asked] = []

    def near(
        self, vectors: Query, k: int, find: Find, among: Mask | None = None, *, alike: bool = False
    ) -> "Near":
        """See ``Galleries.near``."""
        if find in self.indexes:  # each query has candidates of its own
            return super().near(vectors, k, find, among, alike=alike)
        mine = _Asked(vectors, k, find, alike, among)
        with self._list:
            self._waiting.append(mine)
        with self._pass:
            if not mine.near:
                self._answer(mine)
        return mine.near[0]

    def _answer(self, first: _Asked) -> None:
        with self._list:
            now = [each for each in self._waiting if each is first or each.goes_with(first)]
            self._waiting = [each for each in self._waiting if each not in now]
        # Of a pass that failed each of the others is on its own.
        now = now or [first]
        vectors = np.concatenate([each.vectors for each in now])
        found = self.nears(vectors, first.k, first.find, first.among, alike=first.alike)
        for each, near in zip(now, found, strict=True):
            each.near.append(near)
