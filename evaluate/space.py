"""Images and captions in one space: their scores in blocks, and who stands before whom."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.errors import InputError
from core.predictions import Embeddings
from evaluate.similarity import Similarity, similarity

IMAGE_BLOCK, CAPTION_BLOCK = 512, 8192


@dataclass(frozen=True)
class Space:
    """Vectors in float64 (rows, D), the image of each caption (M,), and the toss of each id."""

    image: Tensor
    caption: Tensor
    owner: Tensor
    image_toss: Tensor
    caption_toss: Tensor
    similarity: Similarity

    @staticmethod
    def of(embeddings: Embeddings, device: torch.device | str) -> "Space":
        """The space of owned float32 captions under their similarity.

        Raises:
            InputError: there are no captions, no owners, or codes of bits.
            SettingError: there is no such similarity.
        """
        captions, owner = embeddings.caption, embeddings.owner
        alike = similarity(embeddings.similarity)
        if captions is None or owner is None or embeddings.image.value.dtype != np.float32:
            raise InputError(
                "ranks are of captions with owners, both sides float32, and these embeddings are "
                "others; choose another protocol"
            )
        if not len(captions.id):
            raise InputError("there are no captions to rank; choose a split that has some")
        return Space(
            torch.from_numpy(embeddings.image.value).to(device, torch.float64),
            torch.from_numpy(captions.value).to(device, torch.float64),
            torch.from_numpy(owner).to(device),
            _toss(embeddings.image.id).to(device),
            _toss(captions.id).to(device),
            alike,
        )

    @cached_property
    def right(self) -> Tensor:
        """The score of each caption and its image, (M,)."""
        return self.similarity.pairs(self.image[self.owner], self.caption)

    def slack(self, queries: Tensor, candidates: Tensor) -> Tensor:
        """How far apart two scores of a query may be and still tie, (queries,)."""
        return self.similarity.slack(queries, candidates)

    def wrong(self) -> Iterator[tuple[slice, slice, Tensor]]:
        """Rows of images, rows of captions, and their scores; a right pair has minus infinity."""
        for top in range(0, len(self.image), IMAGE_BLOCK):
            rows = slice(top, top + IMAGE_BLOCK)
            for left in range(0, len(self.caption), CAPTION_BLOCK):
                columns = slice(left, left + CAPTION_BLOCK)
                scores = self.similarity.block(self.image[rows], self.caption[columns])
                own = self.owner[columns] - top
                inside = torch.nonzero((own >= 0) & (own < len(scores))).squeeze(1)
                scores[own[inside], inside] = -torch.inf
                yield rows, columns, scores


def _toss(ids: npt.NDArray[np.str_]) -> Tensor:
    """The place of each id, (n,) int64, when the ids are sorted by their SHA-256."""
    digests = [hashlib.sha256(str(i).encode()).digest() for i in ids]
    place = np.empty(len(ids), dtype=np.int64)
    place[sorted(range(len(ids)), key=digests.__getitem__)] = np.arange(len(ids))
    return torch.from_numpy(place)
