"""One run and one collection, searched by sentences and by pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.errors import InputError
from core.heard import Heard
from core.matrices import Row
from core.records import Image
from core.wording import counted, one_line
from pipeline.searched.collection import Collection, Mask, Query
from pipeline.searched.face import Find
from pipeline.searched.found import Found, Result
from pipeline.searched.galleries import Galleries
from pipeline.searched.sentences import refuse_silent

if TYPE_CHECKING:
    from evaluate.nearest import Near


class Encoder(Protocol):
    """A run's two encoders; any thread may ask (``pipeline.searched.embedder``)."""

    def text(self, sentences: Sequence[str]) -> Query:
        """The vectors of sentences, (n, D)."""

    def image(self, pictures: Sequence[bytes], names: Sequence[str]) -> Query:
        """The vectors of picture files, (n, D); messages call them by ``names``."""

    def heard(self, sentence: str) -> Heard:
        """Which words of a sentence the run knows."""


class RunSearcher:
    """A ``Searcher`` (see ``face``) by the vectors of ``collection``.

    A sentence and pictures, a picture and captions are compared as ``evaluate`` compares them, with
    the gallery's bias of what is found where the run has one. Two of one kind, pictures with
    pictures and sentences with captions, are compared by the cosine of their vectors.

    Attributes:
        collection: what is searched.
        corpus: its pictures and captions.
        galleries: its vectors.
    """

    def __init__(
        self,
        collection: Collection,
        encoder: Encoder,
        galleries: Galleries | None = None,
    ):
        """All are of one run; ``encoder`` may be used by several threads.

        ``galleries`` are those of ``collection``; without indexes, unless given.
        """
        self.collection, self.corpus = collection, collection.corpus
        self._encoder, self.galleries = encoder, galleries or Galleries(collection)

    def by_text(
        self, query: str, k: int, *, find: Find = "pictures", splits: Sequence[str] = ()
    ) -> Found:
        """See ``Searcher``."""
        refuse_silent(query, "the query", self._encoder.heard)
        among = self.among(find, splits)
        vector = self._encoder.text([query])
        near = self.galleries.near(vector, k, find, among, alike=find == "captions")
        return Found(query, self._encoder.heard(query).unknown, self._results(near, find))

    def by_picture(
        self,
        picture: bytes,
        k: int,
        *,
        name: str = "",
        find: Find = "pictures",
        splits: Sequence[str] = (),
    ) -> Found:
        """See ``Searcher``."""
        among = self.among(find, splits)
        vector = self._encoder.image([picture], [one_line(name) or "the picture"])
        near = self.galleries.near(vector, k, find, among, alike=find == "pictures")
        return Found(name, (), self._results(near, find))

    def by_row(
        self, row: int, k: int, *, find: Find = "pictures", splits: Sequence[str] = ()
    ) -> Found:
        """See ``Searcher``."""
        many = len(self.corpus.images)
        if not 0 <= row < many:
            raise InputError(f"there is no picture {row}; pictures are numbered 0 to {many - 1:,}")
        among = self.among(find, splits)
        if find == "pictures":
            among = np.ones(many, dtype=np.bool_) if among is None else among
            among[row] = False
        vector = self.collection.plain(self.collection.images).value[[row]]
        near = self.galleries.near(vector, k, find, among, alike=find == "pictures")
        return Found(self.corpus.images[row].id, (), self._results(near, find))

    def among(self, find: Find, splits: Sequence[str]) -> Mask | None:
        """Who may answer: of the pictures, or of the captions, (n,) bool; None for all.

        Raises:
            InputError: there is no such split, or nothing to be found in it.
        """
        if find == "pictures":
            return self.collection.pictures_of(splits)
        return self.collection.captions_of(splits)

    def size(self, find: Find, splits: Sequence[str]) -> str:
        """How many may answer, in words, such as "1,000 pictures of the split test".

        Raises:
            InputError: as ``among``.
        """
        among = self.among(find, splits)
        every = self.corpus.images if find == "pictures" else self.corpus.captions
        many = counted(len(every) if among is None else int(among.sum()), find[:-1])
        return f"{many} of the split {' + '.join(splits)}" if splits else many

    def _results(self, near: "Near", find: Find) -> tuple[Result, ...]:
        of = self._picture if find == "pictures" else self._caption
        pairs = zip(near.row.tolist(), near.score.tolist(), strict=True)
        return tuple(of(rank, row, score) for rank, (row, score) in enumerate(pairs, start=1))

    def _picture(self, rank: int, row: int, score: float) -> Result:
        image = self.corpus.images[row]
        captions = self.captions_of(row)
        return Result(rank, row, image.id, where(image), score, captions)

    def _caption(self, rank: int, row: int, score: float) -> Result:
        caption, owner = self.corpus.captions[row], int(self.corpus.owner[row])
        image = self.corpus.images[owner]
        return Result(rank, owner, caption.id, where(image), score, (caption.text,))

    def captions_of(self, row: int) -> tuple[str, ...]:
        """All captions of a picture, in reading order."""
        return tuple(caption.text for caption in self.corpus.captions_of(row))


def where(image: Image) -> str:
    """Where a picture lies; empty for what is no picture."""
    return "" if image.place is None or isinstance(image.place, Row) else str(image.place)
