"""Which queries one row of a comparison answers far better than the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evaluate.measures import Values
from evaluate.queries import RANKS, Queries
from evaluate.statistics.paired import in_order_of
from pipeline.compared.folded import FOLDS
from pipeline.compared.pairs import Pair

MOST = 5
"""So many are told, each way, of each of two rows."""


@dataclass(frozen=True, slots=True)
class Win:
    """A query by its id, its picture's, and what both rows made of it.

    ``first`` and ``other`` are ranks of its best right answer, or values of ``measure``; over
    several seeds their mean.
    """

    way: str
    id: str
    picture: str
    measure: str
    first: float
    other: float


def wins(pair: Pair) -> Iterator[tuple[list[Win], list[Win]]]:
    """Of each way the queries that the first row answers best beside the other, and the reverse.

    Ranks are compared by their ratio: from 1 to 10 is as much as from 10 to 100. Where none are
    kept, values of what else is measured by their difference. No two are of one picture.
    """
    one, two = pair.first.queries, pair.other.queries
    there = {each.way for each in two}
    for queries in one:
        if queries.way in there and not queries.way.endswith(FOLDS):
            yield _won(queries, in_order_of(queries, two))


def _won(one: Queries, two: Queries) -> tuple[list[Win], list[Win]]:
    shared = [name for name in one.values if name in two.values]
    measure = next((name for name in RANKS if name in shared), shared[0])
    here, there = one.values[measure], two.values[measure]
    better = np.log(there) - np.log(here) if measure in RANKS else here - there

    def of(rows: Sequence[int]) -> list[Win]:
        return [
            Win(one.way, str(one.id[n]), str(one.picture[n]), measure, here[n], there[n])
            for n in rows
        ]

    return of(_most(better, one)), of(_most(-better, one))


def _most(better: Values, queries: Queries) -> list[int]:
    """The rows that are better by most, one a picture; of equals the first by its id."""
    found: dict[str, int] = {}
    for row in np.lexsort((queries.id, -better)).tolist():
        if better[row] <= 0 or len(found) == MOST:
            break
        found.setdefault(str(queries.picture[row]), row)
    return list(found.values())
