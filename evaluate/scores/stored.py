"""Scores that are there already: a matrix, in memory or mapped from a file."""

from functools import cached_property
from typing import Any

import numpy as np

from core.errors import InputError, NumberError
from core.similarities.matrix import MAKE, UNNAMED, Similarity
from core.similarities.taken import Taken
from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores
from evaluate.scores.sides import Sides

AT_ONCE = 2**22


class Stored(Scores):
    """A matrix (N, M) of float32 or float64: the numbers of it, as they are."""

    def __init__(
        self,
        matrix: Block | Taken,
        sides: Sides,
        slack: Band | None = None,
        *,
        words: str = UNNAMED,
    ) -> None:
        """``matrix`` is (N, M) float32 or float64, a row an image of ``sides``.

        ``slack`` is that of the scores when they were computed; without one, a tie is equality.

        Raises:
            InputError: the matrix is of another shape or type than ``sides`` has ids.
        """
        shape = (len(sides.image_id), len(sides.caption_id))
        if matrix.shape != shape or matrix.dtype not in (np.float32, np.float64):
            raise InputError(
                f"similarities are {matrix.shape} {matrix.dtype}, not {shape} float32 or float64; "
                f"{MAKE}"
            )
        self.words, self.sides, self._matrix = words, sides, matrix
        self._slack = slack or Band(*map(np.zeros, shape))

    @staticmethod
    def of(made: Similarity) -> "Stored":
        """Those of a file."""
        sides = Sides(made.image_id, made.caption_id, made.owner)
        return Stored(made.value, sides, made.slack and Band(*made.slack), words=made.words)

    def block(self, images: slice, captions: slice) -> Block:
        """A copy of a part: (images, captions) of the dtype that is stored.

        Raises:
            NumberError: it holds a NaN or an infinity.
        """
        return self._finite(images, captions, np.array(self._matrix[images, captions]))

    def exact(self, images: Ints, captions: slice) -> Floats:
        """As ``block``: (images, captions) float64."""
        part = self._matrix[images, captions].astype(np.float64)
        return self._finite(images, captions, part)

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """A number each: (K,) float64."""
        return self._finite(images, captions, self._matrix[images, captions].astype(np.float64))

    def slack(self) -> Band:
        """As it was given."""
        return self._slack

    def largest(self) -> Band:
        """As they are, from one pass over the matrix, ``AT_ONCE`` numbers at a time.

        Raises:
            NumberError: it holds a NaN or an infinity.
        """
        return self._largest

    @cached_property
    def _largest(self) -> Band:
        images, captions = self._matrix.shape
        found = Band(np.zeros(images), np.zeros(captions))
        step = max(1, AT_ONCE // captions)
        for top in range(0, images, step):
            rows = slice(top, min(top + step, images))
            size = np.abs(self.block(rows, slice(0, captions)))
            found.image[rows] = size.max(axis=1)
            np.maximum(found.caption, size.max(axis=0), out=found.caption)
        return found

    def _finite(self, images: Any, captions: Any, part: Block) -> Block:
        sound = np.isfinite(part)
        if not sound.all():
            first = tuple(np.argwhere(~sound)[0])
            image, caption = self.sides.image_id[images], self.sides.caption_id[captions]
            raise NumberError(
                f"the similarity of image {str(image[first[0]])!r} and caption "
                f"{str(caption[first[-1]])!r} is {part[first]}; {MAKE}"
            )
        return part
