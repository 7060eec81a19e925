"""The mean of the words' vectors, through batch norm."""

import torch
from pydantic import Field
from torch import nn

from core.settings import Settings


class Options(Settings):
    """The options of the bag."""

    word_dim: int = Field(6, ge=1, description="width of a word's vector")


class Bag(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D)."""

    def __init__(self, options, words, dim):
        super().__init__()
        self.embedding = nn.Embedding(words, options.word_dim)
        self.norm = nn.BatchNorm1d(options.word_dim)
        self.project = nn.Linear(options.word_dim, dim)

    def forward(self, tokens, lengths):
        there = torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]
        total = (self.embedding(tokens) * there[..., None]).sum(1)
        return self.project(self.norm(total / lengths[:, None]))


def build(options, *, words, dim):
    return Bag(options, len(words), dim)
