"""Scores that are there already: a matrix, in memory or mapped from a file."""

import numpy as np

from core.errors import InputError, NumberError
from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores
from evaluate.scores.sides import Sides

AGAIN = "make the matrix again"


class Stored(Scores):
    """A matrix (N, M) of float32 or float64: the numbers of it, as they are."""

    words = "stored similarity"

    def __init__(self, matrix: Block, sides: Sides, slack: Band | None = None) -> None:
        """``matrix`` is (N, M) float32 or float64, a row an image of ``sides``.

        ``slack`` is that of the scores when they were computed; without one, a tie is equality.

        Raises:
            InputError: the matrix is of another shape or type than ``sides`` has ids.
        """
        shape = (len(sides.image_id), len(sides.caption_id))
        if matrix.shape != shape or matrix.dtype not in (np.float32, np.float64):
            raise InputError(
                f"similarities are {matrix.shape} {matrix.dtype}, not {shape} float32 or float64; "
                f"{AGAIN}"
            )
        self.sides, self._matrix = sides, matrix
        self._slack = slack or Band(*map(np.zeros, shape))

    def block(self, images: slice, captions: slice) -> Block:
        """A copy of a part: (images, captions) of the dtype that is stored.

        Raises:
            NumberError: it holds a NaN or an infinity.
        """
        return _finite(np.array(self._matrix[images, captions]))

    def exact(self, images: Ints, captions: slice) -> Floats:
        """As ``block``: (images, captions) float64."""
        return _finite(self._matrix[images, captions].astype(np.float64))

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """A number each: (K,) float64."""
        return _finite(self._matrix[images, captions].astype(np.float64))

    def slack(self) -> Band:
        """As it was given."""
        return self._slack


def _finite(part: Block) -> Block:
    if not np.isfinite(part).all():
        raise NumberError(f"the similarities hold a NaN or an infinity; {AGAIN}")
    return part
