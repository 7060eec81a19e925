"""What a search is asked: the face between a run and all who show what it finds."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from core.records import Corpus
from pipeline.searched.found import Found

Find = Literal["pictures", "captions"]
"""Which side of a collection answers."""
SIDES: Mapping[Find, Literal["image", "caption"]] = {"pictures": "image", "captions": "caption"}
"""What one of each is, as a run's similarity and the files of a collection call it."""


class Searcher(Protocol):
    """A run and one collection of pictures and captions, in memory; any thread may ask.

    Attributes:
        corpus: the pictures that have features, of every split, and their captions: rows of
            results are rows of its ``images``.
    """

    corpus: Corpus

    def by_text(
        self, query: str, k: int, *, find: Find = "pictures", splits: Sequence[str] = ()
    ) -> Found:
        """The ``k`` nearest to a sentence, of these splits, or of all.

        Raises:
            InputError: the query is empty, or the run knows none of its words; or the collection
                has no captions, and they are to be found.
        """

    def by_picture(
        self,
        picture: bytes,
        k: int,
        *,
        name: str = "",
        find: Find = "pictures",
        splits: Sequence[str] = (),
    ) -> Found:
        """The nearest to a picture file that the collection need not hold; ``name`` is its query.

        Raises:
            InputError: it is no picture, or one that stage one would not read.
        """

    def by_row(
        self, row: int, k: int, *, find: Find = "pictures", splits: Sequence[str] = ()
    ) -> Found:
        """The nearest to a picture of the collection, itself left out.

        Raises:
            InputError: there is no such row.
        """
