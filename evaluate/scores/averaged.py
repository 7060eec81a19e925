"""The mean of several scores of the same pairs."""

from collections.abc import Sequence

import numpy as np

from core.errors import InputError
from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores


class Averaged(Scores):
    """The mean of what each of K scores says of an image and a caption."""

    def __init__(self, parts: Sequence[Scores]) -> None:
        """Of scores of the same images and captions, in the same order.

        Raises:
            InputError: there is none.
        """
        if not parts:
            raise InputError("there are no scores to average; give one or more")
        self._parts = list(parts)
        self.sides = parts[0].sides
        kinds = dict.fromkeys(part.words for part in parts)
        self.words = f"mean of {len(parts)} models' {' and '.join(kinds)}"

    def block(self, images: slice, captions: slice) -> Block:
        """From the blocks of each: (images, captions) float64."""
        first, *others = (part.block(images, captions) for part in self._parts)
        total = first.astype(np.float64)
        for other in others:
            total += other
        total /= len(self._parts)
        return total

    def exact(self, images: Ints, captions: slice) -> Floats:
        """From the scores of each: (images, captions) float64."""
        return self._mean([part.exact(images, captions) for part in self._parts])

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """From the pairs of each: (K,) float64."""
        return self._mean([part.pairs(images, captions) for part in self._parts])

    def slack(self) -> Band:
        """The mean of theirs, and what the mean itself is rounded by.

        A score of each is no larger than its slack / 2 u, so that its K additions and the division
        lose no more than (K + 1) / 2 times the mean slack. Scores without one are whole numbers, of
        which equal sums are equal.
        """
        image, caption = (self._mean(list(side)) for side in zip(*self._slacks(), strict=True))
        more = 1 + (len(self._parts) + 1) / 2
        return Band(more * image, more * caption)

    def doubt(self) -> Band | None:
        """The mean of theirs; ``slack`` has the rounding of the mean."""
        bands = [part.doubt() for part in self._parts]
        if not any(bands):
            return None
        nought = Band(*map(np.zeros_like, self.slack()))
        told = [band or nought for band in bands]
        image, caption = (self._mean(list(side)) for side in zip(*told, strict=True))
        return Band(image, caption)

    def _slacks(self) -> list[Band]:
        return [part.slack() for part in self._parts]

    def _mean(self, each: Sequence[Floats]) -> Floats:
        total = each[0].copy()
        for other in each[1:]:
            total += other
        return total / len(each)
