"""Bag of words: the weighted sum of the caption's word vectors, whatever their order."""

from collections.abc import Iterable

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import embedding_bag, normalize

from core.bag import is_word
from core.settings import Settings
from core.text import END, PAD, START, Vocabulary
from train.encoders.text._words import drop_words
from train.idf import inverse_frequency
from train.inside import within


class Options(Settings):
    """The options of the bag of words."""

    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )
    entry_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words left out at a training visit"
    )
    idf: bool = Field(
        False, description="weigh words by how few training captions have them, at unit length"
    )
    extras: float = Field(
        0.5, ge=0, description="with idf: share of the weight of stems and pairs (task.split = bag)"
    )
    repeats: bool = Field(
        True, description="a word counts as often as it is there; false: once a caption"
    )
    spread: float = Field(
        0.0, ge=0, description="word vectors begin in N(0, spread); 0: in U(-0.1, 0.1)"
    )


class Bag(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D).

    Attributes:
        weight: (words,) float32, what each word counts; ones without idf.
    """

    weight: Tensor

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Draw the word vectors."""
        super().__init__()
        self.options = options
        self.embedding = nn.Embedding(len(words), dim)
        if options.spread:
            nn.init.normal_(self.embedding.weight, std=options.spread)
        else:
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        if options.idf:
            shares = [1.0 if is_word(word) else options.extras for word in words.words]
            weight = torch.tensor(shares).index_fill(0, torch.tensor([PAD, START, END]), 0)
            self.register_buffer("weight", weight)

    def prepare(self, blocks: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Weigh each word by how few training captions have it (``inverse_frequency``).

        Args:
            blocks: tokens (n, T) int64 and lengths (n,) int64.
        """
        if self.options.idf:
            self.weight.mul_(inverse_frequency(blocks, len(self.weight)).float())

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count.

        The vectors, (B, D) float32, are of any length. Without idf the specials are words like
        others, so that a caption of one token is no zero vector; with it only the unknown word is.
        """
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        inside = within(lengths, tokens)
        weights = self._weights(tokens, inside)
        table = self.embedding.weight
        total: Tensor = embedding_bag(tokens, table, mode="sum", per_sample_weights=weights)
        return total

    def _weights(self, tokens: Tensor, inside: Tensor) -> Tensor:
        """(B, T) what each token counts: of unit length with idf, else the share of the mean."""
        counting = inside if self.options.repeats else inside & _first(tokens)
        weights = counting.to(self.embedding.weight.dtype)
        if self.options.idf:
            weights = weights * self.weight[tokens]
        if self.training and self.options.entry_dropout:
            drawn = torch.rand(tokens.shape, device=tokens.device) >= self.options.entry_dropout
            kept = weights * drawn
            weights = torch.where(kept.any(1, keepdim=True), kept, weights)
        return normalize(weights, dim=1) if self.options.idf else normalize(weights, p=1, dim=1)


def _first(tokens: Tensor) -> Tensor:
    """(B, T) bool: where each of the row's words stands for the first time."""
    ordered, place = tokens.sort(dim=1, stable=True)
    first = torch.ones_like(tokens, dtype=torch.bool)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    return torch.empty_like(first).scatter_(1, place, first)


def build(options: Options, *, words: Vocabulary, dim: int) -> Bag:
    """The encoder for the captions' ``words``."""
    return Bag(options, words=words, dim=dim)
