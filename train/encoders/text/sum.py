"""The sum of two text encoders, before it is scaled to unit length: sections `first`, `second`."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from core.plugins import load
from core.settings import Settings
from core.splitting import WORDS
from core.text import Vocabulary
from train.encoders.text._words import words_alone

PACKAGE = "train.encoders.text"
PARTS = {"first": (PACKAGE, "bag"), "second": (PACKAGE, "vectors")}
Blocks = Iterable[tuple[Tensor, Tensor]]


class Options(Settings):
    """The options of the sum; those of its two encoders have sections of their own."""

    second_reads: Literal["words", "all"] = Field(
        "words", description="with task.split = bag: the words alone, in order; or all entries"
    )


class Sum(nn.Module):
    """tokens (B, T), lengths (B,) -> (B, D).

    Attributes:
        first: reads the captions as they are.
        second: reads them split as ``split`` says.
    """

    def __init__(self, first: nn.Module, second: nn.Module, *, split: str):
        """Use ``build``."""
        super().__init__()
        self.first, self.second, self._split = first, second, split

    def prepare(self, blocks: Blocks) -> None:
        """Let each of the two measure the training captions, where it wants to.

        Args:
            blocks: tokens (n, T) int64 and lengths (n,) int64.
        """
        known = list(blocks)
        views = known, (words_alone(*block, self._split) for block in known)
        for encoder, view in zip((self.first, self.second), views, strict=True):
            if (measure := getattr(encoder, "prepare", None)) is not None:
                measure(view)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Encode (B, T) int64 of which the first ``lengths`` (B,) int64, at least 1, count.

        The vectors, (B, D) float32, are of any length.
        """
        first: Tensor = self.first(tokens, lengths)
        second: Tensor = self.second(*words_alone(tokens, lengths, self._split))
        return first + second


def build(options: Any, *, words: Vocabulary, dim: int) -> Sum:
    """The sum for the captions' ``words``; the weights of the first are drawn first."""
    alone = options.second_reads == "words"
    known = replace(words, split=WORDS) if alone else words
    first, second = (
        load(PACKAGE, part.name).build(part, words=seen, dim=dim)
        for part, seen in ((options.first, words), (options.second, known))
    )
    return Sum(first, second, split=words.split if alone else WORDS)
