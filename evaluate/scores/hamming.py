"""Minus the Hamming distance of codes of bits: whole numbers, so that a tie is equality."""

import numpy as np
import numpy.typing as npt
import torch

from core.predictions import Embeddings
from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores
from evaluate.scores.sides import Sides
from evaluate.scores.vectors import Numbers, both

WORD = 8
Words = npt.NDArray[np.uint64]


class Hamming(Scores):
    """-(in how many bits the codes differ), of packed codes (N, bits / 8) and (M, bits / 8)."""

    words = "minus the Hamming distance"
    distances = True

    def __init__(self, embeddings: Embeddings, device: torch.device | str = "cpu") -> None:
        """Bits are counted on the CPU, whatever ``device`` is.

        Raises:
            InputError: there are no captions, no owners, or no codes of bits.
        """
        self.sides = Sides.of(embeddings)
        self._image, self._caption = map(_packed, both(embeddings, np.uint8))

    def block(self, images: slice, captions: slice) -> Block:
        """A word of 64 bits at a time: (images, captions) float32, which holds these numbers."""
        return self._all(self._image[images], self._caption[captions]).astype(np.float32)

    def exact(self, images: Ints, captions: slice) -> Floats:
        """As ``block``: (images, captions) float64."""
        return self._all(self._image[images], self._caption[captions]).astype(np.float64)

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """Word by word: (K,) float64."""
        apart = np.bitwise_count(self._image[images] ^ self._caption[captions])
        found: Floats = -apart.sum(axis=1, dtype=np.float64)
        return found

    def slack(self) -> Band:
        """None."""
        return Band(np.zeros(len(self._image)), np.zeros(len(self._caption)))

    def largest(self) -> Band:
        """How many bits there are."""
        bits = 8.0 * WORD * self._image.shape[1]
        return Band(*(np.full(len(side), bits) for side in (self._image, self._caption)))

    def _all(self, image: Words, caption: Words) -> npt.NDArray[np.int32]:
        apart = np.zeros((len(image), len(caption)), dtype=np.int32)
        for one, other in zip(image.T, caption.T, strict=True):
            apart -= np.bitwise_count(one[:, None] ^ other)
        return apart


def _packed(codes: Numbers) -> Words:
    """Codes as whole words, (rows, words) uint64, the last one filled with zeros."""
    wide = -(-codes.shape[1] // WORD) * WORD
    filled = np.zeros((len(codes), wide), dtype=np.uint8)
    filled[:, : codes.shape[1]] = codes
    return filled.view(np.uint64)
