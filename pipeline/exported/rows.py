"""A collection as rows for other programs: pictures and captions, and what is known of each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.parquet_written import Group, Kind
from core.vectors import Vectors
from core.wording import in_utf8
from pipeline.searched.collection import Collection
from pipeline.searched.searcher import where

VECTOR = "vector"
NUMBERS = 2**22
"""Of the vectors that are in memory at once: 16 MB, a group of rows in a table."""
PICTURES: Mapping[str, Kind] = {
    "id": "text",
    "path": "text",
    "split": "text",
    "labels": "texts",
    "captions": "texts",
}
CAPTIONS: Mapping[str, Kind] = {"id": "text", "text": "text", "picture": "text", "split": "text"}
"""What is said of each beside its vector."""


@dataclass(frozen=True, slots=True)
class ExportedSide:
    """One side, of which ``rows`` (n,) int64, rising, are exported.

    ``vectors`` (N, D) float32 are those of all; ``columns`` is what is said of a row besides, and
    ``at`` says it.
    """

    name: str
    columns: Mapping[str, Kind]
    vectors: Vectors
    rows: npt.NDArray[np.int64]
    at: Callable[[int], Mapping[str, Any]]

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return int(self.vectors.value.shape[1])

    def groups(self) -> Iterator[Group]:
        """The rows, some at a time: each of ``columns``, and the vectors (some, D) float32."""
        step = max(1, NUMBERS // self.width)
        for start in range(0, len(self.rows), step):
            some = self.rows[start : start + step]
            told = [self.at(row) for row in some.tolist()]
            columns = {name: [each[name] for each in told] for name in self.columns}
            yield {**columns, VECTOR: self.vectors.value[some]}


def sides(collection: Collection, splits: Sequence[str]) -> list[ExportedSide]:
    """Pictures, and captions where there are some, of these splits or of all.

    Raises:
        InputError: there is no such split, or it has no pictures.
    """
    pictures = collection.pictures_of(splits)
    chosen = np.ones(len(collection.images.id), dtype=np.bool_) if pictures is None else pictures
    of = partial(_picture, collection)
    found = [ExportedSide("pictures", PICTURES, collection.images, np.flatnonzero(chosen), of)]
    theirs = np.flatnonzero(chosen[collection.corpus.owner])
    if collection.captions is not None and len(theirs):
        of = partial(_caption, collection)
        found.append(ExportedSide("captions", CAPTIONS, collection.captions, theirs, of))
    return found


def _picture(collection: Collection, row: int) -> dict[str, Any]:
    corpus = collection.corpus
    image = corpus.images[row]
    return {
        "id": in_utf8(image.id),
        "path": in_utf8(where(image)) or None,
        "split": in_utf8(image.split),
        "labels": [in_utf8(label) for label in image.labels],
        "captions": [in_utf8(caption.text) for caption in corpus.captions_of(row)],
    }


def _caption(collection: Collection, row: int) -> dict[str, Any]:
    corpus = collection.corpus
    caption, image = corpus.captions[row], corpus.images[corpus.owner[row]]
    return {
        "id": in_utf8(caption.id),
        "text": in_utf8(caption.text),
        "picture": in_utf8(image.id),
        "split": in_utf8(image.split),
    }
