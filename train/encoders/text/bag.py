"""Bag of words: the mean of the caption's word vectors."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.settings import Settings
from core.text import Vocabulary
from train.encoders.text._words import drop_words


class Options(Settings):
    """The options of the bag of words."""

    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )


class Bag(nn.Module):
    """tokens (B, T), lengths (B,) -> unit vectors (B, D): the mean, whatever the order."""

    def __init__(self, options: Options, *, words: int, dim: int):
        """Word vectors begin in U(-0.1, 0.1)."""
        super().__init__()
        self.options = options
        self.embedding = nn.Embedding(words, dim)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count.

        The specials are words like others, so that a caption of one token is no zero vector.
        """
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        inside = torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]
        total = (self.embedding(tokens) * inside[..., None]).sum(dim=1)
        return normalize(total / lengths[:, None], dim=1)


def build(options: Options, *, words: Vocabulary, dim: int) -> Bag:
    """The encoder for the captions' ``words``."""
    return Bag(options, words=len(words), dim=dim)
