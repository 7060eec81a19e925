"""Captions with their pictures, of which each is read once a batch, ahead of the step."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.sources import Rows
from train.ahead import ahead
from train.examples.pairs import Batch, Pairs
from train.ranks.visit import each_once

Visit = tuple[Rows, np.random.Generator]
"""The rows of a batch, and what the chance of its training visit is drawn from."""


class _Read(NamedTuple):
    rows: Rows
    drawn: object
    features: tuple[Tensor, ...]


class Visits(Pairs):
    """Pairs whose sources are dear to read, such as pixels.

    ``features`` of a batch are (P, ...) float32, a row for each of its P different pictures, in
    the order of their rows in the part: that of ``train.distinct.each_once``.
    """

    _coming: Iterator[_Read] = iter(())

    def resident_bytes(self) -> int | None:
        """None: what is dear to read is read at each visit."""
        return None

    def coming(self, visits: Iterator[Visit]) -> None:
        """These batches will be asked for, one after another: each is read ahead of its turn.

        What is asked for instead is read then: the same values either way.
        """
        self._coming = ahead(map(self._reading, visits))

    def batch(
        self, rows: Rows, device: torch.device, draw: np.random.Generator | None = None
    ) -> Batch:
        """The batch of these caption rows, in their order; each picture once."""
        tokens, lengths = self.tokens.padded(rows)
        features = self._taken(rows, draw) or self._features(rows, draw)
        batch = Batch(features, tokens, lengths, torch.from_numpy(self.group[rows]))
        return batch.to(device)

    def _taken(self, rows: Rows, draw: np.random.Generator | None) -> tuple[Tensor, ...] | None:
        """What was read ahead, where it is of these rows and of this chance."""
        if draw is None or (read := next(self._coming, None)) is None:
            return None
        if np.array_equal(read.rows, rows) and read.drawn == draw.bit_generator.state:
            return read.features
        self._coming = iter(())
        return None

    def _reading(self, visit: Visit) -> _Read:
        rows, draw = visit
        drawn = draw.bit_generator.state
        return _Read(rows, drawn, self._features(rows, draw))

    def _features(self, rows: Rows, draw: np.random.Generator | None) -> tuple[Tensor, ...]:
        return self.features.visit(np.unique(self.owner[rows]), each_once(draw))
