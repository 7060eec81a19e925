"""The captions of a part of a corpus, each with the features of its picture."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.records import Caption, Corpus
from core.sources import Rows, Source
from core.text import SPECIALS, Encoded, Vocabulary
from core.text_words import Splitter
from core.wording import counted
from train.examples.joined import Joined
from train.examples.there import TokensThere
from train.examples.tokens import Tokens


class Batch(NamedTuple):
    """B captions and their pictures.

    ``features`` (B, crops, ...) float32 of each source, ``tokens`` (B, T) int64 padded, ``lengths``
    (B,) int64, ``image`` (B,) int64: the picture's row, equal where two captions share a picture.
    """

    features: tuple[Tensor, ...]
    tokens: Tensor
    lengths: Tensor
    image: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on ``device``."""
        features = tuple(source.to(device) for source in self.features)
        return Batch(features, *(part.to(device) for part in self[1:]))


class Pairs(Joined):
    """Captions as words, each with its picture (see ``Joined``).

    Attributes:
        tokens: a row a caption.
        notes: how many captions lost words to ``max_tokens``, and whether no word is known.
    """

    _tokens_there: TokensThere | None = None

    def __init__(
        self,
        part: Corpus,
        sources: Sequence[Source],
        words: Vocabulary,
        *,
        classes: tuple[str, ...] = (),
        max_tokens: int,
    ):
        """Join by id, and encode each caption once.

        Raises:
            InputError: the part has no captions.
            CacheError: no caption has a picture with features.
        """
        super().__init__(part, sources, classes)
        self.tokens, encoded = tokens_of(self.there.captions, words, max_tokens, part.splitter)
        self.notes = tuple(_notes(part, words, encoded, max_tokens))

    def resident_bytes(self) -> int | None:
        """See ``Joined``."""
        features = super().resident_bytes()
        return None if features is None else features + self.tokens.flat.nbytes

    def reside(self, device: torch.device) -> None:
        """See ``Joined``."""
        super().reside(device)
        self._tokens_there = TokensThere(self.tokens, device)

    def batch(
        self, rows: Rows, device: torch.device, draw: np.random.Generator | None = None
    ) -> Batch:
        """The batch of these caption rows, in their order."""
        if self._there and self._tokens_there:
            features, image, there = self._there.visit(rows)
            return Batch(features, *self._tokens_there.padded(rows, there), image).to(device)
        features = self.features.visit(self.owner[rows], draw)
        tokens, lengths = self.tokens.padded(rows)
        batch = Batch(features, tokens, lengths, torch.from_numpy(self.group[rows]))
        return batch.to(device)


def tokens_of(
    captions: Sequence[Caption], words: Vocabulary, max_tokens: int, splitter: Splitter
) -> tuple[Tokens, Encoded]:
    """Captions as words, a row a caption, and what happened to them on the way."""
    texts = (caption.text for caption in captions)
    encoded = words.encode_all(texts, max_tokens=max_tokens, splitter=splitter)
    return Tokens(encoded.numbers, encoded.lengths), encoded


def _notes(part: Corpus, words: Vocabulary, encoded: Encoded, max_tokens: int) -> Iterator[str]:
    one, many = f"caption of {part.name}", f"captions of {part.name}"
    if encoded.cut:
        cut = counted(encoded.cut, f"{one} was", f"{many} were")
        yield f"{cut} cut to {counted(max_tokens, 'word')}"
    if not (encoded.numbers >= len(SPECIALS)).any():
        yield (
            f"every word of {counted(len(encoded.lengths), one, many)} is unknown: none of them "
            f"occurs min_count = {words.min_count} times in training; choose a smaller one"
        )
