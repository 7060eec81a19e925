"""Who stands first of all candidates of one query: by the rule that ranks, for who shows it."""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from evaluate.crooked import taken
from evaluate.hits import Ints
from evaluate.right import Bools
from evaluate.scores.face import Floats
from evaluate.way import Way


@dataclass(frozen=True, slots=True)
class Firsts:
    """``row`` (k,) int64 of the candidates in their order, ``score`` (k,) float64 of each.

    ``best`` is the row of the right answer that stands first, ``rank`` where, from 1, and
    ``best_score`` its score.
    """

    row: Ints
    score: Floats
    best: int
    rank: int
    best_score: float


def firsts(way: Way, query: int, right: Bools, k: int) -> Firsts:
    """The first ``k`` answers to one query, or all that there are, and the first right one.

    Their order is that of ``evaluate.crooked.taken``.

    Args:
        way: who asks whom.
        query: the row of who asks.
        right: (candidates,) bool, at least one of them.
        k: at least 1.
    """
    score, slack = way.block(slice(query, query + 1))[0], float(way.slack[query])
    falling = np.argsort(-score, kind="stable")
    drawn = taken(score[falling], way.toss[falling], slack)
    found = falling[[which for which, _ in islice(drawn, k)]]
    best = _best(np.where(right, score, -np.inf), way.toss, slack)
    above = score > score[best] + slack
    tied = (np.abs(score - score[best]) <= slack) & (way.toss < way.toss[best])
    rank = 1 + int(np.count_nonzero(~right & (above | tied)))
    return Firsts(found, score[found], best, rank, float(score[best]))


def _best(score: Floats, toss: Ints, slack: float) -> int:
    near = np.flatnonzero(score >= score.max() - slack)
    return int(near[toss[near].argmin()])
