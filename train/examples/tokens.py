"""Encoded captions as one flat array, padded a batch at a time."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.sources import Rows
from core.text import PAD


class Tokens:
    """Encoded captions as one flat int32 array and offsets, which costs 4 bytes a token.

    Attributes:
        lengths: (captions,) int64, at least 1.
        start: (captions,) int64, where each begins in ``flat``.
        flat: (tokens + 1,) int32, one caption after the other, and ``<pad>`` behind them.
    """

    def __init__(self, numbers: npt.NDArray[np.int32], lengths: npt.NDArray[np.int64]):
        """Copy ``numbers``, one caption after the other, of ``lengths`` (captions,) at least 1."""
        self.lengths = lengths
        self.start = np.cumsum(lengths) - lengths
        self.flat = np.append(numbers, np.int32(PAD))

    def blocks(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All captions in their order, at most ``size`` at a time: tokens (n, T), lengths (n,)."""
        for start in range(0, len(self.lengths), size):
            yield self.padded(np.arange(start, min(start + size, len(self.lengths))))

    def padded(self, rows: Rows) -> tuple[Tensor, Tensor]:
        """Tokens (B, T) int64, ``<pad>`` behind the end, and lengths (B,) int64."""
        lengths = self.lengths[rows]
        place = np.arange(lengths.max(initial=1))
        inside = place < lengths[:, None]
        index = np.where(inside, self.start[rows][:, None] + place, len(self.flat) - 1)
        tokens = self.flat[index].astype(np.int64)
        return torch.from_numpy(tokens), torch.from_numpy(lengths)
