"""The classes of items as few enough numbers that a picture can tell them apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from evaluate.hits import Ints

SHOWN = 20
"""So many classes have a look of their own."""
NONE, OTHER = -1, -2
Labels = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Classes:
    """``number`` (N,) int64 is the row of each item's class in ``names``, or ``NONE``, ``OTHER``.

    ``others`` are how many classes have no name here.
    """

    names: tuple[str, ...]
    number: Ints
    others: int


def classes(labels: Labels, among: Labels) -> Classes:
    """Those of N items, of which each may have several labels, or none.

    Of more than ``SHOWN`` classes the most frequent have names. An item of several shows the most
    frequent of them, and one of none but rare ones is ``OTHER``.

    Args:
        labels: of the N items.
        among: those of all that are counted, so that a sample of them has the same names.

    Example:
        >>> found = classes([["b"], [], ["a", "b"]], [["b"], ["a", "b"], ["10"], ["9"]])
        >>> found.names, found.number.tolist(), found.others
        (('9', '10', 'a', 'b'), [3, -1, 3], 0)
    """
    counts = Counter(label for each in among for label in set(each))
    often = sorted(counts, key=lambda label: (-counts[label], label))
    names = sorted(often[:SHOWN], key=_natural)
    place = {label: rank for rank, label in enumerate(often[:SHOWN])}
    row = {label: number for number, label in enumerate(names)}

    def of(each: Sequence[str]) -> int:
        shown = [label for label in each if label in place]
        return row[min(shown, key=place.__getitem__)] if shown else OTHER if each else NONE

    number = np.array([of(each) for each in labels], dtype=np.int64)
    return Classes(tuple(names), number, len(often) - len(names))


def _natural(label: str) -> tuple[float, str]:
    """Numbers by their size, before words."""
    return (float(label) if label.isdecimal() and label.isascii() else inf), label
