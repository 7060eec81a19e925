"""Word vectors, learned and from files, summed whatever their order, and a small network behind.

The network is a linear map, to which one with a hidden layer is added. Without it, and with the
mean for the sum, the text is the mean of its word vectors. Stems and pairs are left out.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import dropout, embedding_bag

from core.text import END, PAD, START, Vocabulary
from train.encoders.text._vectors import WordOptions, WordTable
from train.encoders.text._words import drop_words, words_alone
from train.inside import within


class Options(WordOptions):
    """The options of the sum of word vectors."""

    word_dim: int = Field(64, ge=0, le=65_536, description="learned numbers of a word")
    spread: float = Field(0.1, gt=0, description="they begin in N(0, spread)")
    divide: Literal["root", "count"] = Field(
        "root", description="the sum by the root of how many words there are, or by how many: mean"
    )
    hidden: int = Field(
        256, ge=0, le=65_536, description="width of the hidden layer; 0: a linear map alone"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="of the hidden layer")
    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )
    vector_dropout: float = Field(0.0, ge=0, lt=1, description="of the numbers of the words")


class WordSum(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D).

    Attributes:
        table: the words' vectors.
        linear: of their sum.
        deep: of their sum, with a hidden layer; None without one.
    """

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Draw the learned vectors and the network."""
        super().__init__()
        self.options, self._split = options, words.split
        self.table = WordTable(options, words=words, learned=options.word_dim)
        if self.table.learned is not None:
            nn.init.normal_(self.table.learned.weight, std=options.spread)
        self.linear = nn.Linear(self.table.width, dim)
        self.deep = _deep(self.table.width, options, dim) if options.hidden else None

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count.

        The vectors, (B, D) float32, are of any length. The unknown word is a word; one that is
        dropped is read as it, and still counted.
        """
        total = self._total(*words_alone(tokens, lengths, self._split))
        encoded: Tensor = self.linear(total)
        return encoded if self.deep is None else encoded + self.deep(total)

    def _total(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """(B, W) the words' vectors, summed and divided."""
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        counting = within(lengths, tokens)
        for special in (PAD, START, END):
            counting = counting & (tokens != special)
        vectors = self.table(tokens[counting])
        vectors = dropout(vectors, self.options.vector_dropout, self.training)
        many = counting.sum(1)
        # One bag a caption, of rows that stand one after the other: the fastest sum of such.
        rows = torch.arange(len(vectors), device=tokens.device)
        total: Tensor = embedding_bag(rows, vectors, many.cumsum(0) - many, mode="sum")
        by = many.clamp(min=1).to(total.dtype)
        return total / (by.sqrt() if self.options.divide == "root" else by)[:, None]


def _deep(width: int, options: Options, dim: int) -> nn.Sequential:
    inner = nn.Linear(width, options.hidden)
    return nn.Sequential(
        inner, nn.ReLU(), nn.Dropout(options.dropout), nn.Linear(options.hidden, dim)
    )


def build(options: Options, *, words: Vocabulary, dim: int) -> WordSum:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return WordSum(options, words=words, dim=dim)
