"""Scores of dense vectors: both sides in float32, where they are computed, and their lengths."""

import warnings

import numpy as np
import torch

from core.predictions import Embeddings
from evaluate.scores.face import Band, Scores
from evaluate.scores.sides import Sides
from evaluate.scores.vectors import Numbers, both, lengths


class Dense(Scores):
    """Scores of images (N, D) and captions (M, D), float32."""

    def __init__(self, embeddings: Embeddings, device: torch.device | str = "cpu") -> None:
        """Blocks are computed on ``device``, single pairs on the CPU.

        Raises:
            InputError: there are no captions, no owners, or codes of bits.
        """
        self.sides = Sides.of(embeddings)
        self._image, self._caption = both(embeddings, np.float32)
        self._there = tuple(_tensor(each).to(device) for each in (self._image, self._caption))
        self._length = Band(lengths(self._image), lengths(self._caption))


def _tensor(vectors: Numbers) -> torch.Tensor:
    """The same memory, or the same file where they are mapped; nothing here writes to it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
        return torch.from_numpy(vectors)
