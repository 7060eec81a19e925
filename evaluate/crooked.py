"""Ties that are not transitive: a ties with b and b with c, but not a with c."""

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np

from evaluate.hits import Ints
from evaluate.right import Bools
from evaluate.scores.face import Floats


def crooked(score: Floats, right: Bools, toss: Ints, slack: float) -> Bools:
    """Where the right ones stand among candidates of which each ties with the next.

    The first is the best-placed one of all that are right: the first by toss of those that tie with
    their highest score. It is taken away, and the next is the best-placed of the rest. The j-th
    stands at j + the wrong ones before it (``evaluate.ranking``).

    Args:
        score: (n,) float64, falling.
        right: (n,) bool.
        toss: (n,) int64.
        slack: how far apart two scores may be and still tie.

    Returns:
        (n,) bool: whether a right one stands at each place.

    Example:
        >>> tosses = np.array([1, 2, 0])
        >>> crooked(np.array([2.0, 1.0, 0.0]), np.array([False, True, False]), tosses, 1.0)
        array([False, False,  True])
    """
    answer_toss = toss[right]
    others, other_toss = -score[~right], toss[~right]
    found = np.zeros(len(score), dtype=np.bool_)
    before = 0
    for number, (which, best) in enumerate(taken(score[right], answer_toss, slack)):
        above = int(np.searchsorted(others, -(best + slack), side="left"))
        level = int(np.searchsorted(others, -(best - slack), side="right"))
        early = int(np.count_nonzero(other_toss[above:level] < answer_toss[which]))
        before = max(before, above + early)
        found[before + number] = True
    return found


def taken(score: Floats, toss: Ints, slack: float) -> Iterator[tuple[int, float]]:
    """The order in which the best-placed one is taken away, again and again, until none is left.

    Args:
        score: (n,) float64, falling.
        toss: (n,) int64.
        slack: how far apart two scores may be and still tie.

    Yields:
        Which it is, from 0, and the highest score of those that were left.
    """
    away = np.zeros(len(score), dtype=np.bool_)
    tied = list[tuple[int, int]]()
    highest = near = 0
    for _ in range(len(score)):
        while away[highest]:
            highest += 1
        best = float(score[highest])
        while near < len(score) and score[near] >= best - slack:
            heappush(tied, (int(toss[near]), near))
            near += 1
        _, which = heappop(tied)
        away[which] = True
        yield which, best
