"""The modality gap: how far the pictures of a space are from its captions.

Liang et al. (Mind the Gap, 2022, section 4.2) scale all vectors to unit length; the gap is the
difference of the two sides' means, and its length tells how far apart they are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluate.hits import Ints
from evaluate.scores.face import Floats

VectorRows = npt.NDArray[np.float32]
AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Cosines:
    """Of sampled vectors, float64 from -1 to 1, each pair once and none with itself.

    ``image`` are those of two pictures, ``caption`` of two captions, ``across`` of a picture and a
    caption that is not its own.
    """

    image: Floats
    caption: Floats
    across: Floats


def distance(image: VectorRows, caption: VectorRows) -> float:
    """The length of the gap between (N, D) and (M, D), from 0 to 2.

    Example:
        >>> distance(np.float32([[3, 0], [1, 0]]), np.float32([[0, 2]]))
        1.4142135623730951
    """
    return float(np.linalg.norm(_mean(image) - _mean(caption)))


def cosines(image: VectorRows, caption: VectorRows, owner: Ints | None) -> Cosines:
    """Of K images (K, D) and L captions (L, D), which all fit into memory.

    Args:
        image: so many of the images.
        caption: so many of the captions.
        owner: (L,) int64, the row of each caption's image; None where no caption belongs to one.
    """
    one, two = unit(image), unit(caption)
    between = one @ two.T
    others = np.ones(between.shape, dtype=np.bool_)
    if owner is not None:
        others[owner, np.arange(len(two))] = False
    return Cosines(_above(one), _above(two), between[others])


def own_cosines(image: VectorRows, caption: VectorRows, owner: Ints) -> Floats:
    """Of each caption (M, D) and its image, a row ``owner`` (M,) of (N, D): (M,) float64."""
    found = np.empty(len(caption))
    for start in range(0, len(caption), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        one, two = unit(image[owner[part]]), unit(caption[part])
        found[part] = np.einsum("ij,ij->i", one, two)
    return found


def unit(vectors: VectorRows | Floats) -> Floats:
    """The vectors (N, D) in float64 at unit length; one of zeros stays what it is."""
    found = vectors.astype(np.float64)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.where(length > 0, length, 1)


def _above(vectors: Floats) -> Floats:
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]


def _mean(vectors: VectorRows) -> Floats:
    parts = (vectors[start : start + AT_ONCE] for start in range(0, len(vectors), AT_ONCE))
    total: Floats = np.sum([unit(part).sum(axis=0) for part in parts], axis=0)
    return total / len(vectors)
