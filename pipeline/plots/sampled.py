"""A sample of pictures and captions, small enough that a projection of it takes no time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.predictions import Embeddings
from evaluate.hits import Ints

MOST = 300
"""Of each side."""
SEED = 0
Vectors = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sampled:
    """``image`` (K, D) and ``caption`` (L, D), at most ``MOST`` of each; L may be 0.

    ``owner`` (L,) int64 is the row of each caption's picture among these; None where no caption
    belongs to one. ``label`` (K + L, classes) bool, pictures first; None where they have none.
    """

    image: Vectors
    caption: Vectors
    owner: Ints | None
    label: Bools | None

    @property
    def both(self) -> Vectors:
        """(K + L, D) float32, pictures first."""
        return np.concatenate([self.image, self.caption])


def sampled(embeddings: Embeddings) -> Sampled:
    """Pictures that have a caption, each with one of its own; the same ones each time.

    Where captions belong to no picture, some of each side.
    """
    drawn = np.random.default_rng(SEED)
    captions, owner = embeddings.caption, embeddings.owner
    if owner is not None:
        return _taken(embeddings, *_pairs(drawn, owner))
    image = _some(drawn, np.arange(len(embeddings.image.id)))
    caption = _some(drawn, np.arange(len(captions.id) if captions else 0))
    return _taken(embeddings, image, caption)


def _pairs(drawn: np.random.Generator, owner: Ints) -> tuple[Ints, Ints]:
    """Images that have a caption, and one of each, in their order."""
    image, mixed = _some(drawn, np.unique(owner)), drawn.permutation(len(owner))
    owners, first = np.unique(owner[mixed], return_index=True)
    return image, mixed[first[np.searchsorted(owners, image)]]


def _taken(embeddings: Embeddings, image: Ints, caption: Ints) -> Sampled:
    pictures, captions = embeddings.image.value, embeddings.caption
    values = captions.value[caption] if captions else pictures[:0]
    owner = None if embeddings.owner is None else np.arange(len(image))
    return Sampled(pictures[image], values, owner, _labels(embeddings, image, caption))


def _labels(embeddings: Embeddings, image: Ints, caption: Ints) -> Bools | None:
    """Captions without labels of their own have those of their images."""
    labels, captions, owner = embeddings.image.label, embeddings.caption, embeddings.owner
    if labels is None or captions is None:
        return labels if labels is None else labels[image]
    if captions.label is not None:
        return np.concatenate([labels[image], captions.label[caption]])
    return None if owner is None else np.concatenate([labels[image], labels[owner[caption]]])


def _some(drawn: np.random.Generator, rows: Ints) -> Ints:
    """Rising rows, at most ``MOST``."""
    return np.sort(drawn.permutation(rows)[:MOST])
