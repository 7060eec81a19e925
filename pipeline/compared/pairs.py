"""Each two rows of one rule, tested measure by measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from evaluate.queries import Queries
from evaluate.statistics.holm import holm
from evaluate.statistics.mcnemar import Discordant, mcnemar
from evaluate.statistics.paired import Weights, in_order_of, paired
from evaluate.statistics.permutation import permuted
from evaluate.statistics.power import smallest
from evaluate.statistics.resampled import interval
from pipeline.compared.groups import Row
from pipeline.compared.scored import parts_of

MOST = 3
"""Of more pairs a person is told in sentences alone; all numbers are in the JSON."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one difference.

    ``low`` and ``high`` are its interval; ``p`` counts it alone, ``holm`` among all tests of the
    comparison; ``pictures`` ask what it is of, and of them ``ways`` so many each
    way; ``smallest`` is the difference that these pictures find four times of five.
    ``mcnemar`` is of hits, and ``independent`` tells whether each query is of a picture of its own.
    """

    difference: float
    low: float
    high: float
    p: float
    smallest: float
    pictures: int
    ways: Mapping[str, int]
    holm: float = 1.0
    mcnemar: Discordant | None = None
    independent: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows with their tests by measure, of ``pictures`` pictures; the first less the other."""

    first: Row
    other: Row
    pictures: int
    tests: Mapping[str, Finding]


def pairs_of(rows: Sequence[Row]) -> list[Pair]:
    """Every two rows of one rule, in order; their p corrected among all of them together.

    Raises:
        InputError: there is but one picture.
    """
    queries = {id(row): row.queries for row in rows}
    alike = [two for two in combinations(rows, 2) if two[0].rule == two[1].rule]
    found = [_pair(*two, queries[id(two[0])], queries[id(two[1])]) for two in alike]
    among = iter(holm([test.p for pair in found for test in pair.tests.values()]))
    return [
        replace(
            pair, tests={name: replace(test, holm=next(among)) for name, test in pair.tests.items()}
        )
        for pair in found
    ]


def _pair(first: Row, other: Row, one: Sequence[Queries], two: Sequence[Queries]) -> Pair:
    measures = parts_of([*first.scored, *other.scored])
    both = paired(one, two, measures, first.scored[0].weights)
    asking = {each.way: len(np.unique(each.picture)) for each in one}
    ends, p, sees = interval(both), permuted(both.shares), smallest(both.deviations)
    tests = {
        measure: Finding(
            difference=float(both.difference[n]),
            low=float(ends[0, n]),
            high=float(ends[1, n]),
            p=float(p[n]),
            smallest=float(sees[n]),
            pictures=int(both.pictures[n]),
            ways={way: asking[way] for way, _ in parts},
        )
        for n, (measure, parts) in enumerate(measures.items())
    }
    if len(first.scored) == len(other.scored) == 1:
        tests = {name: _of_hits(test, measures[name], one, two) for name, test in tests.items()}
    return Pair(first, other, len(both.sums), tests)


def _of_hits(
    test: Finding, parts: Weights, one: Sequence[Queries], two: Sequence[Queries]
) -> Finding:
    """With McNemar's test, where the measure is a share of hits."""
    if len(parts) > 1:
        return test
    ((way, name),) = parts
    here = next(each for each in one if each.way == way)
    there = in_order_of(here, two)
    alone = len(set(here.picture.tolist())) == len(here.id)
    found = mcnemar(here.values[name], there.values[name])
    return replace(test, mcnemar=found, independent=alone)
