"""Word embeddings and an LSTM (Hochreiter and Schmidhuber 1997), torch's own."""

from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, begin_uniform, word_vectors
from train.encoders.text._words import SequenceOptions
from train.inside import within
from train.pooling import Pooling


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
        inside = within(lengths, tokens)
        vectors = self.embedding(tokens.masked_fill(~inside, 0))
        packed = pack_padded_sequence(
            vectors, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        every, (last, _) = self.lstm(packed)
        if self.options.pool == "last":
            only: Tensor = last[0]
            return only
        states = pad_packed_sequence(every, batch_first=True, total_length=tokens.shape[1])[0]
        pooled: Tensor = self.pooling(states, inside)
        return pooled


def build(options: Options, *, words: Vocabulary, dim: int) -> LSTM:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return LSTM(options, words=words, dim=dim)
