"""Captions as stored vectors, each with the features of its picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.records import Caption, Corpus
from core.sources import Rows, Source, rows_of_captions
from train.examples.joined import Joined
from train.examples.table import Tables
from train.examples.there import taken


class VectorBatch(NamedTuple):
    """B captions and their pictures.

    ``features`` (B, crops, ...) float32 of each source of pictures, ``texts`` (B, 1, D) float32 of
    each source of captions, ``image`` (B,) int64: the picture's row, equal where two captions share
    a picture.
    """

    features: tuple[Tensor, ...]
    texts: tuple[Tensor, ...]
    image: Tensor


class VectorPairs(Joined):
    """Captions as vectors, each with its picture (see ``Joined``).

    Attributes:
        texts: a row a caption.
        notes: none: nothing of a vector is cut.
    """

    notes: tuple[str, ...] = ()
    _texts_there: Sequence[Tensor] = ()

    def __init__(
        self,
        part: Corpus,
        sources: Sequence[Source],
        texts: Sequence[Source],
        *,
        classes: tuple[str, ...] = (),
    ):
        """Join both sides by id.

        Args:
            part: pictures and captions.
            sources: of pictures.
            texts: of captions.
            classes: as ``Measured`` has them.

        Raises:
            InputError: the part has no captions.
            CacheError: no caption has a picture with features, or one of those that have lacks a
                vector, or has that of another sentence.
        """
        super().__init__(part, sources, classes)
        self.texts = vectors_of(self.there.captions, texts, part.name)

    def resident_bytes(self) -> int | None:
        """See ``Joined``."""
        features = super().resident_bytes()
        return None if features is None or self.texts.varies else features + self.texts.nbytes

    def reside(self, device: torch.device) -> None:
        """See ``Joined``."""
        super().reside(device)
        self._texts_there = self.texts.on(device)

    def batch(
        self, rows: Rows, device: torch.device, draw: np.random.Generator | None = None
    ) -> VectorBatch:
        """The batch of these caption rows, in their order."""
        if self._there:
            features, image, there = self._there.visit(rows)
            return VectorBatch(features, taken(self._texts_there, there), image)
        features = self.features.visit(self.owner[rows], draw)
        texts = self.texts.visit(rows, draw)
        return VectorBatch(
            tuple(source.to(device) for source in features),
            tuple(source.to(device) for source in texts),
            torch.from_numpy(self.group[rows]).to(device),
        )


def vectors_of(captions: Sequence[Caption], texts: Sequence[Source], where: str = "") -> Tables:
    """The stored vectors of captions, a row a caption, of each source.

    Args:
        captions: N of them.
        texts: of captions.
        where: the corpus, for messages.

    Raises:
        CacheError: a caption lacks a vector, or has that of another sentence.
    """
    rows = [rows_of_captions(captions, source, where or "these sentences") for source in texts]
    ids = np.array([caption.id for caption in captions], dtype=np.str_)
    return Tables(texts, np.array(rows), ids)
