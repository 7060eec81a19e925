"""What is ranked: scores in blocks, how far they may be off, and how far apart two of them tie."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from evaluate.hits import Ints
from evaluate.scores.sides import Sides

Floats = npt.NDArray[np.float64]
Block = npt.NDArray[Any]
"""(images, captions), float32 or float64."""
UNIT = 2.0**-53


class Band(NamedTuple):
    """A width for each query, (N,) where images ask and (M,) where captions do, float64."""

    image: Floats
    caption: Floats


class Scores(ABC):
    """How alike N images and M captions are; the higher, the more.

    ``words`` name the formula and its precision for a report; ``similar`` names it alone.
    ``distances``: each score is minus how many bits differ, so that what is within a radius may be
    asked.
    """

    words: str
    distances = False
    sides: Sides

    @abstractmethod
    def block(self, images: slice, captions: slice) -> Block:
        """All with all, as fast as may be: each within ``doubt`` of its score.

        Args:
            images: so many of the N.
            captions: so many of the M.

        Returns:
            (images, captions) float32 or float64, the caller's to change.
        """

    @abstractmethod
    def exact(self, images: Ints, captions: slice) -> Floats:
        """All with all: (images, captions) float64; ``images`` (K,) int64 are rows of theirs."""

    @abstractmethod
    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """Of K images and K captions, each with its own: (K,) float64."""

    @abstractmethod
    def slack(self) -> Band:
        """How far apart two scores of a query may be, in float64, and still tie."""

    @abstractmethod
    def largest(self) -> Band:
        """What no score of a query exceeds, whatever its sign: what sums of them are rounded by."""

    def doubt(self) -> Band | None:
        """How far ``block`` may be from a score of each query; None: it holds the scores."""
        return None

    @cached_property
    def right(self) -> Floats:
        """The score of each caption and its image, (M,) float64."""
        owner = self.sides.owner
        return self.pairs(owner, np.arange(len(owner)))
