"""How many candidates, and how many right ones, are within so many bits of each query.

It is asked of distances alone, and of a set: no rank, no tie and no toss counts here.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from evaluate.hits import Ints, Near, no_distances
from evaluate.scores.face import Floats, Scores
from evaluate.tile import tiles


class NearOf(NamedTuple):
    """``Hits.within`` of who asks: of the images with captions, and of the captions."""

    image: Near
    caption: Near


class _Counts(NamedTuple):
    """Right answers and candidates, of all N images (K, N) and of all M captions (K, M)."""

    image: tuple[Ints, Ints]
    caption: tuple[Ints, Ints]


def near_of(scores: Scores, asks: npt.NDArray[np.bool_]) -> NearOf:
    """What ``Hits`` offer of ``scores``; nothing is counted before it is asked for.

    Args:
        scores: where they are no distances, whoever asks is refused.
        asks: (N,) bool, which images have a caption.
    """
    if not scores.distances:
        return NearOf(no_distances, no_distances)

    @cache
    def counts(radii: tuple[int, ...]) -> _Counts:
        return _counted(scores, radii)

    def of_images(radii: tuple[int, ...]) -> tuple[Ints, Ints]:
        right, every = counts(radii).image
        return right[:, asks], every[:, asks]

    return NearOf(of_images, lambda radii: counts(radii).caption)


def near_of_rows(values: Floats, right: npt.NDArray[np.bool_]) -> Near:
    """The same of Q queries whose scores are all at hand.

    Args:
        values: (Q, N), minus how many bits differ; minus infinity is no candidate.
        right: (Q, N) bool, which candidates are right answers.
    """

    def of_rows(radii: tuple[int, ...]) -> tuple[Ints, Ints]:
        near = [values >= -radius for radius in radii]
        found = [np.count_nonzero(each & right, axis=1) for each in near]
        return np.stack(found), np.stack([np.count_nonzero(each, axis=1) for each in near])

    return of_rows


def _counted(scores: Scores, radii: tuple[int, ...]) -> _Counts:
    """One pass over all scores; a tile has no right pairs."""
    owner, images = scores.sides.owner, len(scores.sides.image_id)
    found = np.stack([scores.right >= -radius for radius in radii]).astype(np.int64)
    own = np.stack([np.bincount(owner[each > 0], minlength=images) for each in found])
    image, caption = own.copy(), found.copy()
    for tile in tiles(scores):
        rows = slice(tile.rows[0], tile.rows[-1] + 1)
        for number, radius in enumerate(radii):
            near = tile.values >= -radius
            image[number, rows] += np.count_nonzero(near, axis=1)
            caption[number, tile.columns] += np.count_nonzero(near, axis=0)
    return _Counts((own, image), (found, caption))
