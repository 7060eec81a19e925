"""The captions of a corpus joined to the features of a cache, ready to be cut into batches."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.errors import CacheError
from core.records import Corpus
from core.store import FeatureCache
from core.text import PAD, Vocabulary

RAM_BYTES = 4 << 30
"""Features that take no more than this as float32 are read once; others at each batch."""

Rows = npt.NDArray[np.int64]


class Batch(NamedTuple):
    """B captions and their pictures.

    ``features`` (B, crops, ...) float32, ``tokens`` (B, T) int64 padded, ``lengths`` (B,)
    int64, ``image`` (B,) int64: the picture's row, equal where two captions share a picture.
    """

    features: Tensor
    tokens: Tensor
    lengths: Tensor
    image: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on ``device``."""
        return Batch(*(part.to(device) for part in self))


class Tokens:
    """Encoded captions as one flat int32 array and offsets, which costs 4 bytes a token."""

    def __init__(self, encoded: Sequence[Sequence[int]]):
        """Copy ``encoded``, a row of at least one number a caption."""
        self.lengths = np.array([len(row) for row in encoded], dtype=np.int64)
        self._start = np.cumsum(self.lengths) - self.lengths
        self._flat = np.fromiter(chain(chain.from_iterable(encoded), [PAD]), dtype=np.int32)

    def padded(self, rows: Rows) -> tuple[Tensor, Tensor]:
        """Tokens (B, T) int64, ``<pad>`` behind the end, and lengths (B,) int64."""
        lengths = self.lengths[rows]
        place = np.arange(lengths.max(initial=1))
        inside = place < lengths[:, None]
        index = np.where(inside, self._start[rows][:, None] + place, len(self._flat) - 1)
        tokens = self._flat[index].astype(np.int64)
        return torch.from_numpy(tokens), torch.from_numpy(lengths)


class FeatureTable:
    """One layer's features of some rows of a cache, as float32, in RAM where they fit."""

    def __init__(self, cache: FeatureCache, layer: str, rows: Rows, *, ram_bytes: int = RAM_BYTES):
        """Read ``rows`` now if they take at most ``ram_bytes``."""
        self._cache, self._layer, self._rows = cache, layer, rows
        fits = len(rows) * int(np.prod(layer_shape(cache, layer))) * 4 <= ram_bytes
        self._loaded = self._read(rows) if fits else None

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self._rows)

    def __getitem__(self, rows: Rows) -> Tensor:
        """The features (n, crops, ...) float32 of these rows of the table."""
        if self._loaded is None:
            return self._read(self._rows[rows])
        return self._loaded[torch.from_numpy(rows)]

    def blocks(self, size: int) -> Iterator[Tensor]:
        """All features in their order, at most ``size`` pictures at a time."""
        for start in range(0, len(self), size):
            yield self[np.arange(start, min(start + size, len(self)))]

    def _read(self, rows: Rows) -> Tensor:
        return torch.from_numpy(self._cache.read(self._layer, rows).astype(np.float32, copy=False))


def layer_shape(cache: FeatureCache, layer: str) -> tuple[int, ...]:
    """The shape (crops, ...) of one picture's features.

    Raises:
        CacheError: the cache has no such layer.
    """
    return tuple(cache.read(layer, np.empty(0, dtype=np.int64)).shape[1:])


class Pairs:
    """The pictures of a corpus that have features, and their captions.

    Attributes:
        features: a row a picture.
        tokens: a row a caption.
        owner: (captions,) int64, the caption's picture as a row of ``features``.
        image_id: (pictures,) str; pictures without captions are among them.
        caption_id: (captions,) str.
        missing: the ids of the pictures left out, as the cache has no features of them.
        cut: how many captions lost words to ``max_tokens``.
    """

    def __init__(
        self,
        corpus: Corpus,
        cache: FeatureCache,
        vocabulary: Vocabulary,
        *,
        layer: str,
        max_tokens: int,
    ):
        """Join by id, and encode each caption once.

        Raises:
            CacheError: no caption has a picture with features, or there is no such layer.
        """
        rows = cache.rows(image.id for image in corpus.images)
        there = corpus.select(rows >= 0)
        if not there.captions:
            raise CacheError(
                f"{cache.path} has no features for any of the {len(corpus.captions)} captions of "
                f"{corpus.name}; run `features` on this corpus"
            )
        self.missing = tuple(corpus.images[i].id for i in np.flatnonzero(rows < 0))
        self.image_id = np.array([image.id for image in there.images], dtype=np.str_)
        self.caption_id = np.array([caption.id for caption in there.captions], dtype=np.str_)
        self.owner = there.owner
        self.features = FeatureTable(cache, layer, rows[rows >= 0])
        texts = (caption.text for caption in there.captions)
        encoded = vocabulary.encode_all(texts, max_tokens=max_tokens)
        self.tokens, self.cut = Tokens(encoded.rows), encoded.cut

    def batch(self, captions: Rows) -> Batch:
        """The batch of these caption rows, in their order."""
        image = self.owner[captions]
        tokens, lengths = self.tokens.padded(captions)
        return Batch(self.features[image], tokens, lengths, torch.from_numpy(image))
