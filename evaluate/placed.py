"""The ranks of all right answers of one way of asking, whatever is right.

By labels there are hundreds of right answers a query, and each score is next to one of them: no
band around a right answer leaves much out. So all scores are computed in float64 and sorted, some
queries at a time; the places are those of ``evaluate.ranking``, tie for tie.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluate.hits import Hits, Ints, Near, no_distances
from evaluate.right import Bools, Right
from evaluate.scores.face import Floats
from evaluate.selective import confidence
from evaluate.sorting import sorted_right
from evaluate.way import Way
from evaluate.within import near_of_rows

AT_ONCE = 2**20
"""Scores that are sorted together: what they need beside them, ties or not, is 60 MB at most."""


@dataclass(frozen=True, slots=True)
class PartHits:
    """Some of the queries: ``row`` (K,) int64 are those that ask, ``hits`` where each finds.

    ``tied`` (K,) bool: whether a right answer and a wrong one tie, so that ranks follow from the
    toss. ``confidence`` (K,) float64: how sure each is (``evaluate.selective``).
    """

    row: Ints
    hits: Hits
    tied: Bools
    confidence: Floats


def placed(way: Way, right: Right) -> Iterator[PartHits]:
    """All queries that have a right answer, in order, some at a time.

    Memory: ``evaluate.way.BLOCK`` scores, what some of them need to be sorted, and the ranks of one
    part.
    """
    for part in way.parts():
        own = right.of(part)
        if way.itself:
            row = np.arange(len(own))
            own[row, part.start + row] = False
        asks = np.flatnonzero(own.any(axis=1))
        values = way.block(part) if len(asks) else None
        step = max(1, AT_ONCE // own.shape[1]) if own.size else 1
        for start in range(0, len(asks), step):
            assert values is not None, "there is somebody who asks"
            some = asks[start : start + step]
            slack = way.slack[part.start + some]
            scored, is_right = values[some], own[some]
            found, tied = sorted_right(scored, is_right, slack, way.toss)
            near = near_of_rows(scored, is_right) if way.scores.distances else no_distances
            hits = _hits(found, way.gallery, near)
            yield PartHits(part.start + some, hits, tied, confidence(scored))


def _hits(found: Bools, gallery: int, near: Near) -> Hits:
    """``found`` (K, N): whether a right answer stands at each rank."""
    row, place = np.nonzero(found)
    right = np.bincount(row, minlength=len(found))
    offsets = np.concatenate([[0], np.cumsum(right)])
    rank = place + 1
    return Hits(rank[offsets[:-1]], right, gallery, lambda: (rank, offsets), near)
