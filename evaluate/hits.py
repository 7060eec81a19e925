"""Where the right answers stand: all that a measure is computed from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError

Ints = npt.NDArray[np.int64]
Places = tuple[Ints, Ints]
Near = Callable[[tuple[int, ...]], tuple[Ints, Ints]]
"""Distances (K,) -> how many right answers and how many candidates are no further, (K, Q) both."""


def no_distances(radii: tuple[int, ...]) -> tuple[Ints, Ints]:
    """``Hits.within`` where scores are no distances.

    Raises:
        InputError: always.
    """
    raise InputError("these scores are not Hamming distances; judge codes of bits")


@dataclass(frozen=True, slots=True)
class Hits:
    """Where the right answers of Q queries stand, each query with as many candidates.

    ``best`` (Q,) int64: the rank of the best-placed right answer, from 1. ``right`` (Q,) int64: how
    many right answers there are, at least 1. ``gallery``: how many candidates.

    ``places()``: the ranks of ALL right answers (sum of ``right``,) int64, query by query, rising
    within each, and where each query begins among them (Q + 1,) int64. They are computed when they
    are asked for, once; ``best`` and ``right`` are always there.

    ``within(radii)``: at each of K distances, how many right answers of each query are no further,
    and how many candidates (right ones too), (K, Q) int64 both; an ``InputError`` where scores are
    no distances. What lies within a radius is a set: how ties are broken changes nothing in it.

    Raises:
        InputError: there is no query.
    """

    best: Ints
    right: Ints
    gallery: int
    places: Callable[[], Places]
    within: Near = no_distances

    def __post_init__(self) -> None:
        """Refuse to measure nothing."""
        if not len(self.best):
            raise InputError("no query has a right answer; choose a split that has captions")

    def numbers(self) -> Ints:
        """Which of its query's right answers each of ``places()`` is, from 1: (sum of right,).

        Example:
            >>> Hits.of([[3, 1], [2]], gallery=10).numbers().tolist()
            [1, 2, 1]
        """
        ranks, offsets = self.places()
        return np.arange(1, len(ranks) + 1) - np.repeat(offsets[:-1], self.right)

    def total(self, each: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Add up numbers, one for each of ``places()``, over the right answers of each query.

        Args:
            each: (sum of right,), in the order of ``places()``; a truth counts as 1.

        Returns:
            (Q,) float64.

        Example:
            >>> Hits.of([[3, 1], [2]], gallery=10).total(np.array([0.5, 0.25, 1.0])).tolist()
            [0.75, 1.0]
        """
        _, offsets = self.places()
        return np.add.reduceat(each.astype(np.float64, copy=False), offsets[:-1])

    @staticmethod
    def of(
        ranks: Sequence[Sequence[int]],
        gallery: int,
        distances: Sequence[Sequence[int]] | None = None,
    ) -> "Hits":
        """Hits from the ranks of all right answers, a list a query, in any order.

        ``distances`` are those of all candidates, a list a query, in the order of the ranks.

        Raises:
            InputError: a list is empty, names a rank twice, or one outside 1 to ``gallery``; or
                distances are not one a candidate, or fall.

        Example:
            >>> hits = Hits.of([[3, 1], [2]], gallery=10)
            >>> hits.best.tolist(), hits.right.tolist()
            ([1, 2], [2, 1])
            >>> [part.tolist() for part in hits.places()]
            [[1, 3, 2], [0, 2, 3]]
        """
        for row in ranks:
            if not row or len(set(row)) < len(row) or not 1 <= min(row) <= max(row) <= gallery:
                raise InputError(
                    f"ranks {list(row)} in a gallery of {gallery}: give each query one or more, "
                    f"all different, from 1 to {gallery}"
                )
        offsets = np.cumsum([0, *map(len, ranks)], dtype=np.int64)
        every = np.array([rank for row in ranks for rank in sorted(row)], dtype=np.int64)
        hits = Hits(every[offsets[:-1]], np.diff(offsets), gallery, lambda: (every, offsets))
        return hits if distances is None else replace(hits, within=_near(ranks, distances, gallery))


def _near(ranks: Sequence[Sequence[int]], distances: Sequence[Sequence[int]], gallery: int) -> Near:
    apart = np.array(distances, dtype=np.int64)
    if apart.shape != (len(ranks), gallery) or (np.diff(apart, axis=1) < 0).any():
        raise InputError(f"give each query {gallery} distances, that of each rank; they never fall")
    right = [apart[query, np.array(row) - 1] for query, row in enumerate(ranks)]

    def within(radii: tuple[int, ...]) -> tuple[Ints, Ints]:
        found = [[np.count_nonzero(each <= radius) for each in right] for radius in radii]
        every = [np.count_nonzero(apart <= radius, axis=1) for radius in radii]
        return np.array(found, dtype=np.int64), np.array(every, dtype=np.int64)

    return within


def on_demand(compute: Callable[[], Places]) -> Callable[[], Places]:
    """``compute`` for ``Hits.places``: called at most once, and its arrays cannot be changed."""

    @cache
    def places() -> Places:
        ranks, offsets = compute()
        ranks.setflags(write=False)
        offsets.setflags(write=False)
        return ranks, offsets

    return places
