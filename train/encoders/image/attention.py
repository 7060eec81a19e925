"""Attention over a picture's vectors (Lin et al. 2017, equations 5 and 6), then one linear map."""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor, nn

from train.encoders.image._items import ItemOptions, Items, item_width


class Options(ItemOptions):
    """The options of attention pooling."""

    heads: int = Field(
        4, ge=1, le=1024, description="so many weighted means of the vectors, side by side"
    )
    hidden: int = Field(256, ge=1, le=65_536, description="width of what the weights come from")


class Attention(Items):
    """features of one source -> (B, D): project(A x), A = softmax over x of (V tanh(W x))."""

    def __init__(self, options: Options, width: int, dim: int):
        """Torch's own first weights; W and V have no bias, as published."""
        super().__init__(options, width)
        self.hidden = nn.Linear(width, options.hidden, bias=False)
        self.score = nn.Linear(options.hidden, options.heads, bias=False)
        self.project = nn.Linear(options.heads * width, dim)

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, crops, ..., F) float32: (B, D) float32 of any length."""
        values, inside = self.items(features)
        scores = self.score(torch.tanh(self.hidden(values)))
        weights = scores.masked_fill(~inside[:, :, None], -torch.inf).softmax(dim=1)
        means = torch.einsum("bnh,bnf->bhf", weights, values)
        encoded: Tensor = self.project(means.flatten(1))
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> Attention:
    """The encoder for one source with several vectors a picture.

    Raises:
        SettingError: there are several sources, or one vector alone.
    """
    return Attention(options, item_width(shapes, "attention"), dim)
