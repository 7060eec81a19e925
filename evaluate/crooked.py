"""Ties that are not transitive: a ties with b and b with c, but not a with c."""

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
    answers, answer_toss = score[right], toss[right]
    others, other_toss = -score[~right], toss[~right]
    found = np.zeros(len(score), dtype=np.bool_)
    taken = np.zeros(len(answers), dtype=np.bool_)
    tied = list[tuple[int, int]]()
    highest = near = before = 0
    for number in range(len(answers)):
        while taken[highest]:
            highest += 1
        best = answers[highest]
        while near < len(answers) and answers[near] >= best - slack:
            heappush(tied, (int(answer_toss[near]), near))
            near += 1
        drawn, which = heappop(tied)
        taken[which] = True
        above = int(np.searchsorted(others, -(best + slack), side="left"))
        level = int(np.searchsorted(others, -(best - slack), side="right"))
        early = int(np.count_nonzero(other_toss[above:level] < drawn))
        before = max(before, above + early)
        found[before + number] = True
    return found
