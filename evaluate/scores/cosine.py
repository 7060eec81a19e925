"""The cosine: the inner product in float64, divided by both lengths."""

import numpy as np
import torch

from core.predictions import Embeddings
from evaluate.hits import Ints
from evaluate.scores.face import UNIT, Band, Block, Floats
from evaluate.scores.inner import Inner


class Cosine(Inner):
    """<i, c> / |i| |c| of images (N, D) and captions (M, D), float32; 0 where a vector is 0."""

    words = "cosine in float64"

    def __init__(self, embeddings: Embeddings, device: torch.device | str = "cpu") -> None:
        """See ``Dense``."""
        super().__init__(embeddings, device)
        self._divisor = Band(*(np.where(length > 0, length, 1) for length in self._length))

    def block(self, images: slice, captions: slice) -> Block:
        """As ``exact``: (images, captions) float64."""
        return self.exact(np.arange(*images.indices(len(self._image))), captions)

    def exact(self, images: Ints, captions: slice) -> Floats:
        """That of inner products, divided: (images, captions) float64."""
        image, caption = self._divisor
        return super().exact(images, captions) / (image[images, None] * caption[captions])

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """That of inner products, divided: (K,) float64."""
        image, caption = self._divisor
        return super().pairs(images, captions) / (image[images] * caption[captions])

    def slack(self) -> Band:
        """(4 D + 8) u: twice what a score is off by.

        Of 1 an inner product is right to D u, each of the two lengths to (D / 2 + 1) u, their
        product and the division to 2 u.
        """
        unit = (4 * self._image.shape[1] + 8) * UNIT
        return Band(*(np.full(len(length), unit) for length in self._length))

    def largest(self) -> Band:
        """1."""
        return Band(*(np.ones(len(length)) for length in self._length))

    def doubt(self) -> None:
        """None: blocks are in float64."""
