"""Which of many hashes differ in few bits, without comparing each with each.

Cut into r + 1 bands, two hashes of 64 bits that differ in at most r agree in a whole band, since r
bits lie in r bands at most (M. Norouzi, A. Punjani and D. J. Fleet, "Fast Search in Hamming Space
with Multi-Index Hashing", CVPR 2012, section 3). So only those that share a band are compared.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
BITS = 64


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
    if not 0 <= radius < BITS:
        raise ValueError(f"radius = {radius}: choose 0 to {BITS - 1}")
    edges = np.linspace(0, BITS, radius + 2).astype(np.int64).tolist()
    bands = zip(edges[:-1], edges[1:], strict=True)
    found = [pairs for low, high in bands for pairs in _in_band(hashes, low, high, radius)]
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


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ.

    Example:
        >>> distance(0b1011, 0b0010)
        2
    """
    return (one ^ other).bit_count()


def _in_band(hashes: Hashes, low: int, high: int, radius: int) -> Iterator[Rows]:
    """The near pairs among those that agree in the bits ``low`` to ``high``."""
    mask = np.uint64((1 << (high - low)) - 1)
    bands = (hashes >> np.uint64(low)) & mask
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


def _root(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number
