"""How alike some queries and many candidates are, in one product of float32; and how far off.

The bound of an inner product is that of ``evaluate.scores.inner``; a cosine is one, divided. Of an
order violation each difference, square, sum and root is rounded once (Higham, Accuracy and
Stability of Numerical Algorithms, section 3.1): ``(D + 5) 2**-24`` of a score, which is at most
``|a| + |b|``, and what underflows adds the root of ``D 2**-124``.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from evaluate.scores.face import UNIT, Block, Floats
from evaluate.scores.inner import LARGEST, SINGLE, UNDERFLOW
from evaluate.scores.vectors import Numbers


@dataclass(frozen=True)
class Quick:
    """Inner products. ``query`` (Q, D) float32, ``length`` (Q,) float64 of each.

    ``longest`` and ``least`` are the largest and the smallest length, but for 0, of a candidate;
    ``above`` says that candidates are pictures, which stand above what captions say.
    """

    query: Numbers
    length: Floats
    longest: float
    least: float
    above: bool

    def of(self, part: Numbers, lengths: Floats) -> Block:
        """Of n candidates (n, D) with their ``lengths`` (n,): (Q, n), each within ``doubt``."""
        del lengths
        return self._product(part)

    @property
    def room(self) -> int:
        """For how many numbers ``of`` asks room, a candidate: those that it answers, or more."""
        many, wide = self.query.shape
        return int(many if self._kind() is np.float32 else max(many, 2 * wide))

    def doubt(self) -> Floats:
        """How far a number of ``of`` may be from the score of its pair, (Q,) float64."""
        wide = self.query.shape[1]
        unit = wide * SINGLE / (1 - wide * SINGLE) * (1 + (wide + 4) * 2 * UNIT)
        lost = wide * UNDERFLOW * (1 + self.longest + self.length)
        bound: Floats = unit * self.length * self.longest + lost
        return bound

    def _product(self, part: Numbers) -> Block:
        kind = self._kind()
        found: Block = self.query.astype(kind, copy=False) @ part.astype(kind, copy=False).T
        return found

    def _kind(self) -> type[np.floating[Any]]:
        """float32 where it holds each sum on the way."""
        fits = self.longest * float(self.length.max(initial=0)) < LARGEST
        return np.float32 if fits else np.float64


class QuickCosine(Quick):
    """Cosines; 0 where a vector is 0."""

    def of(self, part: Numbers, lengths: Floats) -> Block:
        """See ``Quick``: (Q, n) float64."""
        divisor = _not_zero(self.length)[:, None] * _not_zero(lengths)
        found: Block = self._product(part) / divisor
        return found

    def doubt(self) -> Floats:
        """That of the product, divided by the least that it may be divided by; (Q,) float64."""
        wide, length = self.query.shape[1], _not_zero(self.length)
        unit = wide * SINGLE / (1 - wide * SINGLE) + (4 * wide + 8) * UNIT
        lost = wide * UNDERFLOW * (1 + self.longest + length) / (length * min(1.0, self.least))
        bound: Floats = unit + lost
        return bound


class QuickOrder(Quick):
    """Order violations: minus the norm of what a caption exceeds its picture by."""

    def of(self, part: Numbers, lengths: Floats) -> Block:
        """See ``Quick``."""
        del lengths
        kind = self._kind()
        found = np.empty((len(self.query), len(part)), dtype=kind)
        for row, one in zip(found, self.query.astype(kind, copy=False), strict=True):
            excess = one - part if self.above else part - one
            np.maximum(excess, 0, out=excess)
            row[:] = -np.sqrt(np.einsum("ij,ij->i", excess, excess))
        return found

    @property
    def room(self) -> int:
        """A difference with each candidate, and what is answered."""
        many, wide = self.query.shape
        return int(many + wide)

    def _kind(self) -> type[np.floating[Any]]:
        fits = self.longest + float(self.length.max(initial=0)) < sqrt(LARGEST)
        return np.float32 if fits else np.float64

    def doubt(self) -> Floats:
        """The bound above, (Q,) float64."""
        wide = self.query.shape[1]
        bound: Floats = (wide + 5) * SINGLE * (self.length + self.longest) + sqrt(wide) * 2.0**-62
        return bound


QUICK: dict[str, type[Quick]] = {"inner": Quick, "cosine": QuickCosine, "order": QuickOrder}
"""By the name of a similarity."""


def _not_zero(lengths: Floats) -> Floats:
    found: Floats = np.where(lengths > 0, lengths, 1)
    return found
