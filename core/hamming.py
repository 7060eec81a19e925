"""Which of many hashes differ in few bits, without comparing each with each.

Cut into r + 1 bands, two hashes of 64 bits that differ in at most r agree in a whole band, since r
bits lie in r bands at most (M. Norouzi, A. Punjani and D. J. Fleet, "Fast Search in Hamming Space
with Multi-Index Hashing", CVPR 2012, section 3). So only those that share a band are compared.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
BITS = 64
_AT_ONCE = 2**18
"""About so many pairs are compared in one go: a few MiB, however many share a band."""


def near_pairs(hashes: Hashes, radius: int) -> Rows:
    """The pairs of rows whose hashes differ in at most ``radius`` bits.

    Equal hashes are pairs too: of n equal ones n (n - 1) / 2, so that many are better taken
    together before (see ``near_groups``).

    Args:
        hashes: (n,).
        radius: 0 to 63.

    Returns:
        (pairs, 2), the smaller row first, in order, each once.

    Raises:
        ValueError: the radius is out of its range.
    """
    found = [pairs for band in _bands(hashes, radius) for pairs in _in_band(hashes, band, radius)]
    pairs = np.sort(np.concatenate([np.empty((0, 2), np.int64), *found]), axis=1)
    return np.unique(pairs, axis=0)


def near_groups(hashes: Hashes, radius: int) -> list[list[int]]:
    """The rows of two or more hashes that near pairs connect, each group and all of them in order.

    Two of a group may differ in more bits than ``radius``, where others stand between them.

    Raises:
        ValueError: the radius is out of its range.
    """
    distinct, member = np.unique(hashes, return_inverse=True)
    root = list(range(len(distinct)))
    for one, other in near_pairs(distinct, radius).tolist():
        one, other = _root(root, one), _root(root, other)
        root[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for row, number in enumerate(member.tolist()):
        groups.setdefault(_root(root, number), []).append(row)
    return sorted(group for group in groups.values() if len(group) > 1)


def nearest(asked: Hashes, others: Hashes, radius: int) -> tuple[Rows, Rows]:
    """Of each hash the nearest of ``others``, where one differs in at most ``radius`` bits.

    Args:
        asked: (n,).
        others: (m,); memory is of the order of n + m, whatever they share.
        radius: 0 to 63.

    Returns:
        Two times (n,): the row in ``others``, the first of those as near, or -1 where none is near;
        and in how many bits the two differ, or -1.

    Raises:
        ValueError: the radius is out of its range.
    """
    ours, back = np.unique(asked, return_inverse=True)
    theirs, first = np.unique(others, return_index=True)
    none, many = np.iinfo(np.int64).max, max(len(others), 1)
    best = np.full(len(ours), none)
    bands = zip(_bands(ours, radius), _bands(theirs, radius), strict=True)
    for one, other in (pairs for each in bands for pairs in _across(*each)):
        apart = np.bitwise_count(ours[one] ^ theirs[other]).astype(np.int64)
        near = apart <= radius
        # Bits first, then the row: the least of both in one number.
        np.minimum.at(best, one[near], apart[near] * many + first[other[near]])
    bits, rows = np.divmod(best[back], many)
    return np.where(best[back] < none, rows, -1), np.where(best[back] < none, bits, -1)


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ.

    Example:
        >>> distance(0b1011, 0b0010)
        2
    """
    return (one ^ other).bit_count()


def _bands(hashes: Hashes, radius: int) -> Iterator[Hashes]:
    """(n,) numbers of each of the ``radius`` + 1 bands, which hold all bits between them."""
    if not 0 <= radius < BITS:
        raise ValueError(f"radius = {radius}: choose 0 to {BITS - 1}")
    edges = np.linspace(0, BITS, radius + 2).astype(np.int64).tolist()
    for low, high in pairwise(edges):
        yield (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)


def _in_band(hashes: Hashes, bands: Hashes, radius: int) -> Iterator[Rows]:
    """The near pairs among those that agree in their ``bands``."""
    order = np.argsort(bands, kind="stable")
    ordered, sorted_hashes = bands[order], hashes[order]
    last = np.searchsorted(ordered, ordered, side="right")
    here = np.arange(len(hashes))
    for step in range(1, len(hashes)):
        here = here[here + step < last[here]]
        if not len(here):
            return
        apart = np.bitwise_count(sorted_hashes[here] ^ sorted_hashes[here + step])
        near = here[apart <= radius]
        yield np.stack([order[near], order[near + step]], axis=1)


def _across(ours: Hashes, theirs: Hashes) -> Iterator[tuple[Rows, Rows]]:
    """Rows of the one and of the other that agree in their bands, all such pairs, some at a time.

    A row that agrees with more than are compared at once is by itself.
    """
    order = np.argsort(theirs, kind="stable")
    begin, end = (np.searchsorted(theirs[order], ours, side=side) for side in ("left", "right"))
    upto = (end - begin).cumsum()
    for rows in np.split(np.arange(len(ours)), np.flatnonzero(np.diff(upto // _AT_ONCE)) + 1):
        many = (end - begin)[rows]
        within = np.arange(many.sum()) - np.repeat(many.cumsum() - many, many)
        yield np.repeat(rows, many), order[np.repeat(begin[rows], many) + within]


def _root(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number
