"""The two sides of a collection as what a vector is compared with, each built when it is asked."""

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from pipeline.searched.collection import Collection, Mask, Query
from pipeline.searched.face import SIDES, Find

if TYPE_CHECKING:
    from evaluate.nearest import Near, Nearest
    from pipeline.indexed.candidates import Candidates


class Galleries:
    """Pictures and captions, for queries of the other side and for those of their own kind.

    Attributes:
        indexes: of a side that has one, only its candidates are compared.
    """

    def __init__(self, collection: Collection, indexes: "Mapping[Find, Candidates] | None" = None):
        """Nothing is read yet."""
        self._collection, self._lock = collection, Lock()
        self.indexes = indexes or {}
        self._built: dict[tuple[Find, bool], Nearest] = {}

    def near(
        self, vectors: Query, k: int, find: Find, among: Mask | None = None, *, alike: bool = False
    ) -> "Near":
        """The nearest of one side to a vector of the run.

        Args:
            vectors: (1, D) float32, as the run encodes a picture or a sentence.
            k: how many.
            find: which side answers.
            among: who of it may, (N,) bool; all, unless given.
            alike: the vector is of that side's own kind: compared by the cosine, and not by the
                run's similarity with the bias of what is found.

        Raises:
            SettingError: ``k`` is below 1.
        """
        if index := self.indexes.get(find):
            among = index.among(self._weighed(vectors, alike), k, among)
        return self.nears(vectors, k, find, among, alike=alike)[0]

    def nears(
        self, vectors: Query, k: int, find: Find, among: Mask | None = None, *, alike: bool = False
    ) -> "list[Near]":
        """The same of several vectors, (n, D), in one pass over all of ``among``."""
        asked = vectors if alike else self._weighed(vectors, alike)
        return self.gallery(find, alike=alike).to(asked, k, among)

    def _weighed(self, vectors: Query, alike: bool) -> Query:
        """With the weight of a bias behind each, where the collection has one."""
        return self._collection.weighed(vectors, float(not alike))

    def gallery(self, find: Find, *, alike: bool = False) -> "Nearest":
        """The side ``find``; the collection has it."""
        with self._lock:
            if (find, alike) not in self._built:
                self._built[find, alike] = self._build(find, alike)
            return self._built[find, alike]

    def _build(self, find: Find, alike: bool) -> "Nearest":
        from evaluate.nearest import Nearest

        here = self._collection
        side = here.side(find)
        assert side is not None, "a collection without captions is asked for none"
        if alike:
            return Nearest(here.plain(side), "cosine", SIDES[find])
        return Nearest(side, here.similarity, SIDES[find])
