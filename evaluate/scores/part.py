"""Some images and their captions, scored as in the whole that they are a part of."""

from collections.abc import Sequence

import numpy as np

from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores
from evaluate.scores.sides import Sides


class PartScores(Scores):
    """The scores of K images of a whole, and of all captions that they own, with each other.

    Two scores tie as they do in the whole.
    """

    def __init__(self, whole: Scores, images: Ints) -> None:
        """``images`` (K,) int64 are rows of the whole, rising."""
        sides = whole.sides
        self._whole, self._images = whole, images
        self._captions = np.flatnonzero(np.isin(sides.owner, images))
        self.words = whole.words
        self.distances = whole.distances
        self.sides = Sides(
            sides.image_id[images],
            sides.caption_id[self._captions],
            np.searchsorted(images, sides.owner[self._captions]),
        )

    def block(self, images: slice, captions: slice) -> Block:
        """From those of the whole, (images, captions), one for rows that stand together there."""
        columns = _runs(self._captions[captions])
        rows = [
            _joined([self._whole.block(row, column) for column in columns], axis=1)
            for row in _runs(self._images[images])
        ]
        return _joined(rows, axis=0)

    def exact(self, images: Ints, captions: slice) -> Floats:
        """From those of the whole: (images, captions) float64."""
        rows, columns = self._images[images], _runs(self._captions[captions])
        return _joined([self._whole.exact(rows, column) for column in columns], axis=1)

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """Those of the whole: (K,) float64."""
        return self._whole.pairs(self._images[images], self._captions[captions])

    def slack(self) -> Band:
        """That of the whole, of those that are here."""
        return self._of(self._whole.slack())

    def largest(self) -> Band:
        """That of the whole, of those that are here."""
        return self._of(self._whole.largest())

    def doubt(self) -> Band | None:
        """That of the whole, of those that are here."""
        doubt = self._whole.doubt()
        return doubt and self._of(doubt)

    def _of(self, band: Band) -> Band:
        return Band(band.image[self._images], band.caption[self._captions])


def _runs(rows: Ints) -> list[slice]:
    """Rising row numbers as slices of those that follow one another.

    Example:
        >>> _runs(np.array([3, 4, 7]))
        [slice(3, 5, None), slice(7, 8, None)]
    """
    parts = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return [slice(int(part[0]), int(part[-1]) + 1) for part in parts]


def _joined(blocks: Sequence[Block], axis: int) -> Block:
    """Several blocks as one; one stays itself."""
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=axis)
