"""A CNN over word vectors: filters of several widths, the maximum over time (Kim 2014).

Word vectors are learned, from files, or both; those of files stay as they are unless ``tune``.
"""

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn.functional import dropout, pad

from core.text import Vocabulary
from train.encoders.text._vectors import WordOptions, word_vectors
from train.encoders.text._words import drop_words, words_alone
from train.inside import within


class Options(WordOptions):
    """The options of the CNN."""

    word_dim: int = Field(300, ge=0, le=65_536, description="learned numbers of a word")
    kernels: tuple[int, ...] = Field(
        (3, 4, 5), min_length=1, description="how many words each kind of filter sees"
    )
    filters: int = Field(100, ge=1, le=65_536, description="filters of each kind")
    dropout: float = Field(0.0, ge=0, lt=1, description="of what the filters find")
    word_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the words read as unknown at a training visit"
    )

    @field_validator("kernels")
    @classmethod
    def _of_words(cls, kernels: tuple[int, ...]) -> tuple[int, ...]:
        if min(kernels) < 1 or max(kernels) > 64 or len(set(kernels)) < len(kernels):
            raise ValueError("name each width once, from 1 to 64 words, such as [3, 4, 5]")
        return kernels


class SentenceCNN(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D).

    Attributes:
        words: the words' vectors.
        convolutions: of each width, (B, W, T) -> (B, filters, T - width + 1).
        linear: of the maxima over time.
    """

    def __init__(self, options: Options, *, words: Vocabulary, dim: int):
        """Torch's own first weights."""
        super().__init__()
        self.options, self._split = options, words.split
        self.words, width = word_vectors(options, words=words, learned=options.word_dim)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width, options.filters, kernel) for kernel in options.kernels
        )
        self.linear = nn.Linear(options.filters * len(options.kernels), dim)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count.

        A filter sees no word behind the caption's end; of a caption that is shorter than it, the
        caption with zeros behind. The vectors, (B, D) float32, are of any length.
        """
        tokens, lengths = words_alone(tokens, lengths, self._split)
        tokens = drop_words(tokens, self.options.word_dropout, self.training)
        values = self.words(tokens) * within(lengths, tokens)[:, :, None]
        short = max(0, max(self.options.kernels) - tokens.shape[1])
        values = pad(values.transpose(1, 2), (0, short))
        found = torch.cat([self._most(c, values, lengths) for c in self.convolutions], dim=1)
        encoded: Tensor = self.linear(dropout(found, self.options.dropout, self.training))
        return encoded

    def _most(self, convolution: nn.Module, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, filters): of (B, W, T) the most that each filter finds at a place of the caption."""
        found: Tensor = convolution(values).relu()
        places = (lengths - (values.shape[2] - found.shape[2])).clamp(min=1)
        inside = within(places, found.transpose(1, 2))
        return found.masked_fill(~inside[:, None], 0).amax(2)


def build(options: Options, *, words: Vocabulary, dim: int) -> SentenceCNN:
    """The encoder for the captions' ``words``.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    return SentenceCNN(options, words=words, dim=dim)
