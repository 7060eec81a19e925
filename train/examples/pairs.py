"""The captions of a part of a corpus, each with the features of its picture."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.errors import CacheError, InputError
from core.records import Corpus
from core.sources import Rows, Source
from core.text import SPECIALS, Encoded, Vocabulary
from core.wording import counted
from train.examples.table import Tables
from train.examples.tokens import Tokens
from train.measured import Labels, labels_of


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


class Pairs:
    """The pictures of a part that every source has, and their captions; an example is a caption.

    Attributes:
        id: (captions,) str.
        group: (captions,) int64, the caption's picture as a row of the part.
        label: (captions, classes) bool, its picture's; None without classes.
        features: a row a picture that every source has.
        tokens: a row a caption.
        owner: (captions,) int64, the caption's picture as a row of ``features``.
        image_id: (pictures,) str; pictures without captions are among them.
        image_label: (pictures, classes) bool; None without classes.
        notes: how many captions lost words to ``max_tokens``, and whether no word is known.
    """

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
        if not part.captions:
            raise InputError(
                f"{part.name}: none of these {len(part.images)} pictures has a caption; "
                "add captions, or choose another split"
            )
        ids = [image.id for image in part.images]
        rows = np.array([source.rows(ids) for source in sources])
        complete = np.all(rows >= 0, axis=0)
        there = part.select(complete)
        if not there.captions:
            raise CacheError(
                f"there are no features for any of the {len(part.captions)} captions of "
                f"{part.name}; run `features` on this corpus"
            )
        self.image_id = np.array([image.id for image in there.images], dtype=np.str_)
        self.image_label: Labels = labels_of(there.images, classes)
        self.id = np.array([caption.id for caption in there.captions], dtype=np.str_)
        self.owner = there.owner
        self.group: Rows = np.flatnonzero(complete).astype(np.int64)[self.owner]
        self.label: Labels = None if self.image_label is None else self.image_label[self.owner]
        self.features = Tables(sources, rows[:, complete])
        texts = (caption.text for caption in there.captions)
        encoded = words.encode_all(texts, max_tokens=max_tokens)
        self.tokens = Tokens(encoded.rows)
        self.notes = tuple(_notes(part, words, encoded, max_tokens))

    def batch(
        self, rows: Rows, device: torch.device, draw: np.random.Generator | None = None
    ) -> Batch:
        """The batch of these caption rows, in their order."""
        features = self.features.visit(self.owner[rows], draw)
        tokens, lengths = self.tokens.padded(rows)
        batch = Batch(features, tokens, lengths, torch.from_numpy(self.group[rows]))
        return batch.to(device)


def _notes(part: Corpus, words: Vocabulary, encoded: Encoded, max_tokens: int) -> Iterator[str]:
    one, many = f"caption of {part.name}", f"captions of {part.name}"
    if encoded.cut:
        cut = counted(encoded.cut, f"{one} was", f"{many} were")
        yield f"{cut} cut to {counted(max_tokens, 'word')}"
    if not any(number >= len(SPECIALS) for row in encoded.rows for number in row):
        yield (
            f"every word of {counted(len(encoded.rows), one, many)} is unknown: none of them "
            f"occurs min_count = {words.min_count} times in training; choose a smaller one"
        )
