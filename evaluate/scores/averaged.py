"""The mean of several scores of the same pairs."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from core.errors import InputError
from evaluate.hits import Ints
from evaluate.scores.face import UNIT, Band, Block, Floats, Scores


class Averaged(Scores):
    """The mean of what each of K scores says of an image and a caption.

    It follows from no order of the K: they are added from the smallest to the largest.
    """

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
        blocks = (part.block(images, captions) for part in self._parts)
        if self._doubt is None:
            return _mean(blocks)
        total = next(blocks).astype(np.float64)
        for other in blocks:
            total += other
        total /= len(self._parts)
        return total

    def exact(self, images: Ints, captions: slice) -> Floats:
        """From the scores of each: (images, captions) float64."""
        return _mean(part.exact(images, captions) for part in self._parts)

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """From the pairs of each: (K,) float64."""
        return _mean(part.pairs(images, captions) for part in self._parts)

    def slack(self) -> Band:
        """The mean of theirs, and what two means are rounded by: 2 (K + 1) u ``largest``.

        K - 1 additions in any order and the division lose no more than K u of the mean of the
        largest (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2). Whole numbers
        such as distances lose nothing: equal sums have equal means.
        """
        return self._slack

    def largest(self) -> Band:
        """The mean of theirs."""
        return _mean_band([part.largest() for part in self._parts])

    def doubt(self) -> Band | None:
        """The mean of theirs, and what blocks that are added as they come are rounded by."""
        return self._doubt

    @cached_property
    def _rounding(self) -> Band:
        many = len(self._parts)
        if many == 1 or all(part.distances for part in self._parts):
            return Band(*map(np.zeros, (len(self.sides.image_id), len(self.sides.caption_id))))
        image, caption = self.largest()
        unit = 2 * (many + 1) * UNIT
        return Band(unit * image, unit * caption)

    @cached_property
    def _slack(self) -> Band:
        return _sum(_mean_band([part.slack() for part in self._parts]), self._rounding)

    @cached_property
    def _doubt(self) -> Band | None:
        bands = [part.doubt() for part in self._parts]
        if not any(bands):
            return None
        nought = Band(*map(np.zeros_like, self._rounding))
        return _sum(_mean_band([band or nought for band in bands]), self._rounding)


def _mean(each: Iterable[Block]) -> Floats:
    """Of K blocks, float64, added from the smallest to the largest at each place.

    Memory: K + 2 of them.
    """
    rising: list[Floats] = []
    for block in each:
        large = block.astype(np.float64)
        for place, small in enumerate(rising):
            rising[place] = np.minimum(small, large)
            np.maximum(small, large, out=large)
        rising.append(large)
    total = rising[0]
    for other in rising[1:]:
        total += other
    total /= len(rising)
    return total


def _mean_band(bands: Sequence[Band]) -> Band:
    return Band(*(_mean(side) for side in zip(*bands, strict=True)))


def _sum(one: Band, other: Band) -> Band:
    return Band(one.image + other.image, one.caption + other.caption)
