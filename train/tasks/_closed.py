"""What tasks share that are solved at once: what an item is as a row of numbers."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from core.errors import SettingError
from core.text import END, PAD, START
from train.examples.table import Tables
from train.examples.tokens import Tokens
from train.idf import inverse_frequency
from train.inside import within
from train.measured import Measured
from train.tasks._sides import J, P, Sided, Stored, V, Worded

BLOCK = 256


class Closed(Sided[J]):
    """A task of which each side is a function of unit rows, solved by ``begin``.

    A subclass says what the rows of captions are, and what follows of the rows of a side.
    """

    @abstractmethod
    def _rows(self, texts: Any, size: int) -> Iterator[Tensor]:
        """(n, F) float32 unit vectors of captions, at most ``size`` at a time, in their order."""

    def _table(self, texts: Any) -> Tensor:
        """The rows (N, F) float32 of all captions at once."""
        return torch.cat(list(self._rows(texts, BLOCK)))

    @abstractmethod
    def _mapped(self, side: str, rows: Tensor) -> Tensor:
        """(n, F) unit rows of ``image`` or ``text`` -> (n, D) float32 of any length."""

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        return self._mapped("image", unit_rows(features)).cpu()

    def _captions(self, texts: Any, batch_size: int) -> Tensor:
        found = [self._mapped("text", rows).cpu() for rows in self._rows(texts, batch_size)]
        return torch.cat(found)


class Bagged(Closed[P], Worded[P]):
    """One whose captions are bags of words: how often each is there, times its weight.

    Attributes:
        weight: (words,): how much each word tells.
    """

    weight: Tensor

    def _weigh(self, data: P) -> None:
        weight = inverse_frequency(data.tokens.blocks(BLOCK), len(self.weight))
        self.weight.copy_(weight.index_fill(0, torch.tensor([PAD, START, END]), 0))

    def _rows(self, texts: Tokens, size: int) -> Iterator[Tensor]:
        for tokens, lengths in texts.blocks(size):
            yield self._bags(tokens, lengths)

    def _table(self, texts: Tokens) -> Tensor:
        """Sparse: a caption has a few of thousands of words."""
        blocks = [rows.cpu().to_sparse() for rows in self._rows(texts, BLOCK)]
        return torch.cat(blocks).coalesce()

    def _bags(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        tokens, lengths = tokens.to(self.weight.device), lengths.to(self.weight.device)
        inside = within(lengths, tokens)
        bags = self.weight.new_zeros(len(tokens), len(self.weight))
        bags.scatter_add_(1, tokens, inside.to(bags.dtype))
        return normalize(bags * self.weight, dim=1)


class Vectored(Closed[V], Stored[V]):
    """One whose captions are stored vectors."""

    def _rows(self, texts: Tables, size: int) -> Iterator[Tensor]:
        return _unit_blocks(texts, size)


def unit_rows(features: Tables) -> Tensor:
    """(items, F) float32: unit vectors of each source, the means of crops, side by side."""
    return torch.cat(list(_unit_blocks(features, BLOCK)))


def _unit_blocks(features: Tables, size: int) -> Iterator[Tensor]:
    for block in features.blocks(size):
        yield torch.cat([normalize(source.mean(1), dim=1) for source in block], dim=1)


def refuse_grids(task: str, measured: Measured) -> None:
    """Refuse a layer that has places.

    Raises:
        SettingError: a source's shape is not (crops, F).
    """
    for shape in measured.shapes.values():
        if len(shape) != 2:
            raise SettingError(
                f"task {task} takes a pooled layer (crops, F), not {shape}; set layer=pooled"
            )
