"""A small transformer encoder over words (Vaswani et al. 2017), normalised before each part.

Pre-norm as in Xiong et al. 2020, section 3: x + attention(norm(x)), x + forward(norm(x)), and a
norm behind the last layer. So it trains without a warm-up too. Vectors of files are mapped to the
width and added to the learned ones.
"""

from typing import Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn.functional import dropout

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, WordTable
from train.encoders.text._words import SequenceOptions
from train.gpo import sinusoids
from train.inside import within
from train.pooling import Pool, Pooling


class Options(SequenceOptions, WordOptions):
    """The options of the transformer text encoder."""

    pool: Pool = Field(
        "mean", description="the caption is the last state, or the mean, maximum or GPO of all"
    )
    layers: int = Field(2, ge=1, le=64, description="how many layers follow each other")
    width: int = Field(256, ge=1, le=65_536, description="width of a word's vector and its states")
    heads: int = Field(4, ge=1, le=1024, description="heads of attention; they divide the width")
    dropout: float = Field(
        0.1, ge=0, lt=1, description="share left out of words and layers at a training visit"
    )
    positions: Literal["sinusoidal", "learned"] = Field(
        "sinusoidal", description="what tells a word's place: sines of it, or a learned vector"
    )
    places: int = Field(
        64, ge=1, le=65_536, description="learned vectors; words behind them share the last"
    )

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width = {self.width} must be a multiple of heads = {self.heads}")
        return self


class Transformer(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D): the pooled states, linearly mapped.

    Attributes:
        given: the words' vectors of files, and ``enter``, which maps them to the width; or None.
    """

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Learned word vectors begin in N(0, 1 / width) and are scaled by its root."""
        super().__init__()
        self.options, width = options, options.width
        self.embedding = nn.Embedding(len(words), width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        learned = options.positions == "learned"
        self.place = nn.Embedding(options.places, width) if learned else None
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width,
                options.heads,
                dim_feedforward=4 * width,
                dropout=options.dropout,
                batch_first=True,
                norm_first=True,
            )
            for _ in range(options.layers)
        )
        self.norm = nn.LayerNorm(width)
        self.pooling = Pooling(options.pool)
        self.project = nn.Linear(width, dim)
        self.given = WordTable(options, words=words, learned=0) if options.files else None
        self.enter = nn.Linear(self.given.width, width, bias=False) if self.given else None

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count.

        The vectors, (B, D) float32, are of any length.
        """
        tokens, lengths = self.options.visit(tokens, lengths, self.training)
        inside = within(lengths, tokens)
        words = self._words(tokens.masked_fill(~inside, 0))
        states = dropout(words + self._places(words), self.options.dropout, self.training)
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=~inside)
        encoded: Tensor = self.project(self.pooling(self.norm(states), inside))
        return encoded

    def _words(self, tokens: Tensor) -> Tensor:
        """(B, T, width): a vector a word."""
        learned: Tensor = self.embedding(tokens) * self.options.width**0.5
        if self.given is None or self.enter is None:
            return learned
        mapped: Tensor = self.enter(self.given(tokens))
        return learned + mapped

    def _places(self, words: Tensor) -> Tensor:
        """(T, width): a vector a place."""
        if self.place is None:
            return sinusoids(words.shape[1], self.options.width).to(words)
        places = torch.arange(words.shape[1], device=words.device)
        learned: Tensor = self.place(places.clamp(max=self.options.places - 1))
        return learned


def build(options: Options, *, words: Vocabulary, dim: int) -> Transformer:
    """The encoder for the captions' ``words``.

    Raises:
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return Transformer(options, words=words, dim=dim)
