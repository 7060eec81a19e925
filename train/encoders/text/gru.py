"""Word embeddings and a GRU, as in VSE++ (Faghri et al. 2018, section 3.1).

Two directions are two GRUs, the second of which reads each caption from its end; the caption is the
mean of their last states, as in SCAN (Lee et al. 2018, equation 5) at the last word of each.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, begin_uniform, word_vectors
from train.encoders.text._words import drop_words
from train.recurrent import last_state


class Options(WordOptions):
    """The options of the GRU text encoder."""

    word_dim: int = Field(300, ge=0, le=65_536, description="learned numbers of a word's vector")
    directions: Literal[1, 2] = Field(
        1, description="read forwards, or forwards and backwards: the mean of both"
    )
    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )


class GRU(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D): the state at the last token.

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

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count."""
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        state: Tensor = last_state(tokens, lengths, self.embedding, self.gru)
        if self.back is not None:
            backwards = _backwards(tokens, lengths)
            state = (state + last_state(backwards, lengths, self.embedding, self.back)) / 2
        return state


def _backwards(tokens: Tensor, lengths: Tensor) -> Tensor:
    """Each caption from its last token to its first; what stands behind its length is no matter."""
    place = lengths[:, None] - 1 - torch.arange(tokens.shape[1], device=tokens.device)
    return tokens.gather(1, place.clamp(min=0))


def build(options: Options, *, words: Vocabulary, dim: int) -> GRU:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return GRU(options, words=words, dim=dim)
