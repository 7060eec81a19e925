"""Word embeddings and an LSTM (Hochreiter and Schmidhuber 1997), torch's own."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, begin_uniform, word_vectors
from train.encoders.text._words import drop_words


class Options(WordOptions):
    """The options of the LSTM text encoder."""

    word_dim: int = Field(300, ge=0, le=65_536, description="learned numbers of a word's vector")
    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )


class LSTM(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D): the output at the last token."""

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Learned word vectors begin in U(-0.1, 0.1)."""
        super().__init__()
        self.options = options
        self.embedding, width = word_vectors(options, words=words, learned=options.word_dim)
        self.lstm = nn.LSTM(width, dim, batch_first=True)
        begin_uniform(self.embedding)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count."""
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        inside = torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]
        vectors = self.embedding(tokens.masked_fill(~inside, 0))
        packed = pack_padded_sequence(
            vectors, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        last: Tensor = self.lstm(packed)[1][0][0]
        return last


def build(options: Options, *, words: Vocabulary, dim: int) -> LSTM:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return LSTM(options, words=words, dim=dim)
