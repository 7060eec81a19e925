"""Word embeddings and a GRU, as in VSE++ (Faghri et al. 2018, section 3.1).

Two directions are two GRUs, the second of which reads each caption from its end; the caption is the
mean of their last states, as in SCAN (Lee et al. 2018, equation 5) at the last word of each. Pooled
from all states, each word has the mean of both directions (VSE-infinity, Chen et al. 2021).
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, begin_uniform, word_vectors
from train.encoders.text._words import SequenceOptions
from train.inside import within
from train.pooling import Pooling
from train.recurrent import all_states, last_state


class Options(SequenceOptions, WordOptions):
    """The options of the GRU text encoder."""

    word_dim: int = Field(300, ge=0, le=65_536, description="learned numbers of a word's vector")
    directions: Literal[1, 2] = Field(
        1, description="read forwards, or forwards and backwards: the mean of both"
    )


class GRU(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D): the state at the last token, or pooled of all.

    Attributes:
        back: the GRU that reads backwards; None with one direction.
    """

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Learned word vectors begin in U(-0.1, 0.1)."""
        super().__init__()
        self.options = options
        self.embedding, width = word_vectors(options, words=words, learned=options.word_dim)
        self.gru = nn.GRU(width, dim, batch_first=True)
        self.back = nn.GRU(width, dim, batch_first=True) if options.directions == 2 else None
        begin_uniform(self.embedding)
        self.pooling = Pooling(options.pool)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count."""
        tokens, lengths = self.options.visit(tokens, lengths, self.training)
        if self.options.pool == "last":
            return self._last(tokens, lengths)
        pooled: Tensor = self.pooling(self._states(tokens, lengths), within(lengths, tokens))
        return pooled

    def _last(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        state = last_state(tokens, lengths, self.embedding, self.gru)
        if self.back is None:
            return state
        backwards = _backwards(tokens, lengths)
        return (state + last_state(backwards, lengths, self.embedding, self.back)) / 2

    def _states(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, D); what stands behind a length is no matter."""
        states = all_states(tokens, lengths, self.embedding, self.gru)
        if self.back is None:
            return states
        backwards = _backwards(tokens, lengths)
        theirs = all_states(backwards, lengths, self.embedding, self.back)
        return (states + _backwards(theirs, lengths)) / 2


def _backwards(each: Tensor, lengths: Tensor) -> Tensor:
    """(B, T, ...) of each caption from its last token to its first; what stands behind stays."""
    place = torch.arange(each.shape[1], device=each.device).expand(len(each), -1)
    other = lengths.to(each.device)[:, None] - 1 - place
    rows = torch.arange(len(each), device=each.device)[:, None]
    return each[rows, torch.where(other < 0, place, other)]


def build(options: Options, *, words: Vocabulary, dim: int) -> GRU:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return GRU(options, words=words, dim=dim)
