"""Which queries of a report are shown: some that found a right answer first, and the worst."""

from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from evaluate.hits import Ints
from evaluate.queries import RANKS, Queries
from evaluate.right import Bools
from evaluate.scores.face import Floats

FOUND, MISSED = 4, 8
"""So many of each are shown, each way."""
UNKEPT = "the rank of single queries is kept where mean_rank is measured"
FIRST, PRECISION = "r1", "map"
"""Without a rank: whether a right answer is the first, and what is worse the lower it is."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows of the queries that are shown, (n,) int64 both."""

    found: Ints
    missed: Ints

    @staticmethod
    def of(queries: Queries, toss: Ints) -> "Examples":
        """No two of one picture; of equals the first by ``toss`` (Q,), the place that lots gave.

        Raises:
            InputError: neither ranks nor precisions were kept.
        """
        bad, hit = _how(queries)
        worst = np.lexsort((toss, -bad))
        first = np.argsort(toss)
        return Examples(
            _each_once(first[hit[first]], queries, FOUND),
            _each_once(worst[~hit[worst]], queries, MISSED),
        )


def _how(queries: Queries) -> tuple[Floats, Bools]:
    """How badly each query fared, and whether it found a right answer first, (Q,) both."""
    values = queries.values
    if name := next((name for name in RANKS if name in values), None):
        return values[name], values[name] == 1
    if FIRST in values and PRECISION in values:
        return -values[PRECISION], values[FIRST] > 0
    raise InputError(UNKEPT)


def _each_once(rows: Ints, queries: Queries, most: int) -> Ints:
    """The first ``most`` of the rows, those left out whose picture stands before."""
    _, first = np.unique(queries.picture[rows], return_index=True)
    chosen: Ints = rows[np.sort(first)[:most]]
    return chosen
