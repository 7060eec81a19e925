"""Pictures and captions of a corpus as a run sees them: what a search looks through."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.records import Corpus, refuse_unknown_split
from core.vectors import Vectors
from pipeline.searched.face import Find

Mask = npt.NDArray[np.bool_]
Query = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Collection:
    """The vectors of a run, every split.

    Attributes:
        corpus: the pictures that have vectors, and all of their captions.
        images: (N, D) float32, a row a picture of ``corpus``; where the run has a gallery's bias
            (N, D + 1), the last number being what a picture has added to its score.
        captions: (M, D) or (M, D + 1), a row a caption; None where there are no captions.
        similarity: by which both sides are compared.
        biased: whether there is such a last number.
        left_out: pictures of the corpus that have no features.
        folder: where the vectors are kept; None where they are in memory alone.
    """

    corpus: Corpus
    images: Vectors
    captions: Vectors | None
    similarity: str
    biased: bool = False
    left_out: int = 0
    folder: Path | None = None

    @property
    def dim(self) -> int:
        """How many numbers a vector of the run has."""
        return int(self.images.value.shape[1]) - self.biased

    def plain(self, side: Vectors) -> Vectors:
        """``images`` or ``captions`` as the run gives them, (n, D), without a bias; a view."""
        return Vectors(side.id, side.value[:, : self.dim])

    def side(self, find: Find) -> Vectors | None:
        """``images`` or ``captions``, the latter where there are some."""
        return self.images if find == "pictures" else self.captions

    def weighed(self, plain: Query, weight: float) -> Query:
        """Vectors (n, D) float32 as queries: with the ``weight`` of a candidate's bias behind.

        Where the run has no bias, they stay as they are.
        """
        behind = np.full((len(plain), int(self.biased)), weight, dtype=np.float32)
        return np.concatenate([plain, behind], axis=1)

    def pictures_of(self, splits: Sequence[str]) -> Mask | None:
        """Which pictures are of these splits, (N,) bool; None for all, where none is named.

        Raises:
            InputError: there is no such split, or it has no pictures here.
        """
        for split in splits:
            refuse_unknown_split(split, self._split)
            if split not in self._split:
                there = ", ".join(sorted(set(self._split)))
                raise InputError(
                    f"{self.corpus.name}: the split {split!r} has no pictures with features; "
                    f"splits there: {there}; choose one of these"
                )
        return np.isin(self._split, list(splits)) if splits else None

    def captions_of(self, splits: Sequence[str]) -> Mask | None:
        """Which captions are of pictures of these splits, (M,) bool; None for all.

        Raises:
            InputError: there is no such split, or it has no captions.
        """
        chosen = self.pictures_of(splits)
        among = None if chosen is None else chosen[self.corpus.owner]
        if self.captions is None or (among is not None and not among.any()):
            what = f"the split {' + '.join(splits)!r}" if splits else "the collection"
            raise InputError(
                f"{self.corpus.name}: {what} has no captions to find; look for pictures, or choose "
                "a split that has captions"
            )
        return among

    @cached_property
    def _split(self) -> npt.NDArray[np.str_]:
        return np.array([image.split for image in self.corpus.images], dtype=np.str_)
