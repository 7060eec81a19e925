"""Word embeddings and an LSTM (Hochreiter and Schmidhuber 1997)."""

from pydantic import Field
from torch import Tensor, nn

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, begin_uniform, word_vectors
from train.encoders.text._words import SequenceOptions
from train.inside import within
from train.pooling import Pooling
from train.recurrent import all_states, last_state


class Options(SequenceOptions, WordOptions):
    """The options of the LSTM text encoder."""

    word_dim: int = Field(300, ge=0, le=65_536, description="learned numbers of a word's vector")


class LSTM(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D): the output at the last token, or pooled of all."""

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Learned word vectors begin in U(-0.1, 0.1)."""
        super().__init__()
        self.options = options
        self.embedding, width = word_vectors(options, words=words, learned=options.word_dim)
        self.lstm = nn.LSTM(width, dim, batch_first=True)
        begin_uniform(self.embedding)
        self.pooling = Pooling(options.pool)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count."""
        tokens, lengths = self.options.visit(tokens, lengths, self.training)
        if self.options.pool == "last":
            return last_state(tokens, lengths, self.embedding, self.lstm)
        states = all_states(tokens, lengths, self.embedding, self.lstm)
        pooled: Tensor = self.pooling(states, within(lengths, tokens))
        return pooled


def build(options: Options, *, words: Vocabulary, dim: int) -> LSTM:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return LSTM(options, words=words, dim=dim)
