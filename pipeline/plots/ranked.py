"""The ranks that a report kept, and the shares and recalls that pictures of them show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluate.hits import Ints
from evaluate.measured import NAMES
from evaluate.queries import RANKS, Queries
from evaluate.scores.face import Floats

POINTS = 60
"""So many Ks of a curve, evenly spread on a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The ranks of the Q queries of a way: ``best`` (Q,) int64, from 1 to ``gallery``."""

    way: str
    best: Ints
    gallery: int

    @property
    def name(self) -> str:
        """The way for a person."""
        return NAMES[self.way]


def ranked(report: Mapping[str, Any], queries: Sequence[Queries]) -> list[Ranked]:
    """The ways of a report whose ranks were kept; those in folds have galleries of their own."""
    found = []
    for each in queries:
        name = next((name for name in RANKS if name in each.values), None)
        if name and each.way in NAMES and each.way in report:
            best = each.values[name].astype(np.int64)
            found.append(Ranked(each.way, best, int(report[each.way]["gallery"])))
    return found


def depths(gallery: int) -> Ints:
    """Each K of a curve, rising, from 1 to all of the gallery.

    Example:
        >>> depths(3).tolist(), len(depths(5000)) <= 60
        ([1, 2, 3], True)
    """
    return np.unique(np.rint(np.geomspace(1, gallery, POINTS)).astype(np.int64))


def recall_at(best: Ints, among: Ints) -> Floats:
    """How many of the ranks (Q,) are at most each K (P,), in percent: (P,) float64.

    Example:
        >>> recall_at(np.array([1, 4, 4, 9]), np.array([1, 4, 8])).tolist()
        [25.0, 75.0, 75.0]
    """
    return 100 * np.searchsorted(np.sort(best), among, side="right") / len(best)


def bins(gallery: int) -> list[tuple[int, int]]:
    """The first and the last rank of each bar, 1, 2, 3 to 5, 6 to 10, 11 to 20 and so on.

    Example:
        >>> bins(12)
        [(1, 1), (2, 2), (3, 5), (6, 10), (11, 12)]
    """
    ends, tens = [1, 2, 5], 10
    while ends[-1] < gallery:
        ends += [tens, 2 * tens, 5 * tens]
        tens *= 10
    found = list(zip([1, *(end + 1 for end in ends)], ends, strict=False))
    return [(first, min(last, gallery)) for first, last in found if first <= gallery]


def shares(best: Ints, bars: Sequence[tuple[int, int]]) -> Floats:
    """How many of the ranks (Q,) are in each bar, in percent: (bars,) float64, in sum 100."""
    ends = np.array([last for _, last in bars], dtype=np.int64)
    return np.diff(recall_at(best, ends), prepend=0.0)
