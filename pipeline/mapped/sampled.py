"""A sample of pictures and captions, small enough that a projection of it takes no time."""

from dataclasses import dataclass

import numpy as np

from core.predictions import Embeddings
from evaluate.hits import Ints
from evaluate.modality import VectorRows
from evaluate.queries import Names
from evaluate.right import Bools

MOST = 300
"""Of each side, unless another number is asked for."""
SEED = 0


@dataclass(frozen=True, slots=True)
class Sampled:
    """``image`` (K, D) and ``caption`` (L, D), so many of each at most; L may be 0.

    ``owner`` (L,) int64 is the row of each caption's picture among these; None where no caption
    belongs to one. ``label`` (K + L, classes) bool, pictures first; None where they have none.
    ``image_id`` (K,) and ``caption_id`` (L,) are their ids.
    """

    image: VectorRows
    caption: VectorRows
    owner: Ints | None
    label: Bools | None
    image_id: Names
    caption_id: Names

    @property
    def both(self) -> VectorRows:
        """(K + L, D) float32, pictures first."""
        return np.concatenate([self.image, self.caption])


def sampled(embeddings: Embeddings, most: int = MOST) -> Sampled:
    """Pictures that have a caption, each with one of its own; the same ones each time.

    Where captions belong to no picture, some of each side. There are at most ``most`` of each.
    """
    drawn = np.random.default_rng(SEED)
    captions, owner = embeddings.caption, embeddings.owner
    if owner is not None:
        return _taken(embeddings, *_pairs(drawn, owner, most))
    image = _some(drawn, np.arange(len(embeddings.image.id)), most)
    caption = _some(drawn, np.arange(len(captions.id) if captions else 0), most)
    return _taken(embeddings, image, caption)


def _pairs(drawn: np.random.Generator, owner: Ints, most: int) -> tuple[Ints, Ints]:
    """Images that have a caption, and one of each, in their order."""
    image, mixed = _some(drawn, np.unique(owner), most), drawn.permutation(len(owner))
    owners, first = np.unique(owner[mixed], return_index=True)
    return image, mixed[first[np.searchsorted(owners, image)]]


def _taken(embeddings: Embeddings, image: Ints, caption: Ints) -> Sampled:
    pictures, captions = embeddings.image.value, embeddings.caption
    values = captions.value[caption] if captions else pictures[:0]
    owner = None if embeddings.owner is None else np.arange(len(image))
    labels, ids = _labels(embeddings, image, caption), embeddings.image.id
    names = ids[image], captions.id[caption] if captions else ids[:0]
    return Sampled(pictures[image], values, owner, labels, *names)


def _labels(embeddings: Embeddings, image: Ints, caption: Ints) -> Bools | None:
    """Captions without labels of their own have those of their images."""
    labels, captions, owner = embeddings.image.label, embeddings.caption, embeddings.owner
    if labels is None or captions is None:
        return labels if labels is None else labels[image]
    if captions.label is not None:
        return np.concatenate([labels[image], captions.label[caption]])
    return None if owner is None else np.concatenate([labels[image], labels[owner[caption]]])


def _some(drawn: np.random.Generator, rows: Ints, most: int) -> Ints:
    """Rising rows, at most ``most``."""
    return np.sort(drawn.permutation(rows)[:most])
