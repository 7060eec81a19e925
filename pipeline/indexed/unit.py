"""Vectors of any length as unit vectors of the same order of inner products, block by block.

Of candidates ``x`` let m be the largest length. ``(x / m, sqrt(1 - |x|**2 / m**2))`` are unit
vectors, and the inner product with ``(q, 0)`` is ``x.q / m``: the order stays (Bachrach et al.,
*Speeding up the Xbox recommender system using a Euclidean transformation for inner-product spaces*,
2014). So cells and graphs, which are made for unit vectors, hold those with a bias too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]
BLOCK = 2**22
"""Numbers that are read at once, 16 MB."""
ALIKE = 1e-3
"""Lengths that differ by less of the largest are those of unit vectors."""


@dataclass(frozen=True, slots=True)
class Unit:
    """How vectors of ``width`` numbers are laid out in ``room``, which an index may want larger.

    ``longest`` is the largest length, 0 where all are alike and nothing is added.
    """

    width: int
    longest: float = 0.0

    @staticmethod
    def of(vectors: Numbers) -> "Unit":
        """Of candidates (N, D) float32, mapped they may be; each is read once."""
        lengths = [_lengths(part) for part in blocks(vectors)]
        longest = max(float(part.max()) for part in lengths)
        least = min(float(part.min()) for part in lengths)
        alike = longest - least <= ALIKE * longest
        return Unit(vectors.shape[1], 0.0 if alike else longest)

    @property
    def needed(self) -> int:
        """Numbers of a vector as it is laid out, at least."""
        return self.width + bool(self.longest)

    def candidates(self, part: Numbers, room: int) -> Numbers:
        """(n, D) as (n, room) float32."""
        laid = np.zeros((len(part), room), dtype=np.float32)
        laid[:, : self.width] = part
        if self.longest:
            laid[:, : self.width] /= np.float32(self.longest)
            rest = 1 - (_lengths(part) / self.longest) ** 2
            laid[:, self.width] = np.sqrt(np.maximum(rest, 0))
        return laid

    def queries(self, part: Numbers, room: int) -> Numbers:
        """(n, D) as (n, room) float32: nothing asks about what was added."""
        return Unit(self.width).candidates(part, room)


def blocks(vectors: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Rows in their order, a few at a time; at least one block."""
    step = max(1, BLOCK // max(1, vectors.shape[1]))
    return (vectors[start : start + step] for start in range(0, max(1, len(vectors)), step))


def _lengths(part: Numbers) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = np.linalg.norm(part.astype(np.float64), axis=1)
    return found
