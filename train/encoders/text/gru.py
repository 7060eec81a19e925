"""Word embeddings and a GRU, as in VSE++ (Faghri et al. 2018, section 3.1)."""

from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.settings import Settings
from core.text import Vocabulary
from train.encoders.text._words import drop_words
from train.recurrent import last_state


class Options(Settings):
    """The options of the GRU text encoder."""

    word_dim: int = Field(300, ge=1, le=65_536, description="width of a word's vector")
    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )


class GRU(nn.Module):
    """tokens (B, T), lengths (B,) -> unit vectors (B, D): the state at the last token."""

    def __init__(self, options: Options, *, words: int, dim: int):
        """Word vectors begin in U(-0.1, 0.1)."""
        super().__init__()
        self.options = options
        self.embedding = nn.Embedding(words, options.word_dim)
        self.gru = nn.GRU(options.word_dim, dim, batch_first=True)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count."""
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        return normalize(last_state(tokens, lengths, self.embedding, self.gru), dim=1)


def build(options: Options, *, words: Vocabulary, dim: int) -> GRU:
    """The encoder for the captions' ``words``."""
    return GRU(options, words=len(words), dim=dim)
