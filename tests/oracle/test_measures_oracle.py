"""Every measure against its definition, read off the sorted list of each query in float64."""

from collections.abc import Callable
from functools import cache
from math import log2
from typing import NamedTuple

import numpy as np
import pytest

from core.plugins import load, names
from evaluate.hits import Hits
from evaluate.measures import PACKAGE, options_of, per_query

CASES = 1000
CHOSEN = {
    "recall": {"k": [1, 3, 50]},
    "map_at_k": {"k": [1, 3, 50]},
    "ndcg": {"k": [1, 3, 50]},
    "precision": {"k": [1, 3, 50]},
    "precision_recall": {"levels": [0, 1, 33, 50, 60, 67, 100]},
}
"""Options other than the usual, so that galleries are both smaller and larger."""


class Case(NamedTuple):
    """Whether each candidate is right, a list a query in the order of the ranks; and as hits."""

    lists: list[list[bool]]
    hits: Hits


@cache
def drawn(seed: int) -> Case:
    """1 to 8 queries, 1 to 40 candidates, 1 to all of them right: as labels and as captions have.

    Scores are few whole numbers, so that there are ties, which stand in the order of the columns.
    """
    draw = np.random.default_rng(seed)
    queries, gallery = draw.integers(1, 9), draw.integers(1, 41)
    right = draw.random((queries, gallery)) < draw.random((queries, 1))
    right[np.arange(queries), draw.integers(0, gallery, queries)] = True
    scores = draw.integers(0, draw.integers(1, 50), (queries, gallery)) + 9 * right * draw.random()
    order = np.argsort(-scores, axis=1, kind="stable")
    lists = np.take_along_axis(right, order, axis=1).tolist()
    ranks = [[n for n, is_right in enumerate(row, start=1) if is_right] for row in lists]
    return Case(lists, Hits.of(ranks, int(gallery)))


def precision_at(row: list[bool], k: int) -> float:
    return sum(row[:k]) / k


def first_right(row: list[bool]) -> int:
    return row.index(True) + 1


def averaged(row: list[bool], depth: int, over: int) -> float:
    """The precision at each of the first places times whether it is right, over a count."""
    return sum(precision_at(row, k) * row[k - 1] for k in range(1, min(depth, len(row)) + 1)) / over


def gained(row: list[bool], depth: int) -> float:
    return sum(is_right / log2(1 + k) for k, is_right in enumerate(row[:depth], start=1))


def ndcg(row: list[bool], depth: int) -> float:
    return gained(row, depth) / gained(sorted(row, reverse=True), depth)


def interpolated(row: list[bool], level: int) -> float:
    """The highest precision of all lengths of the list whose recall is so much, or more."""
    lengths = range(1, len(row) + 1)
    return max(precision_at(row, k) for k in lengths if 100 * sum(row[:k]) >= level * sum(row))


Slow = Callable[[list[bool]], dict[str, float]]
DEPTHS = (1, 3, 50)
LEVELS = (0, 1, 33, 50, 60, 67, 100)
SLOW: dict[str, Slow] = {
    "recall": lambda row: {f"r{k}": any(row[:k]) for k in DEPTHS},
    "median_rank": lambda row: {"median_rank": first_right(row) / 100},
    "mean_rank": lambda row: {"mean_rank": first_right(row) / 100},
    "average_precision": lambda row: {"map": averaged(row, len(row), sum(row))},
    "map_at_k": lambda row: {f"map{k}": averaged(row, k, min(k, sum(row))) for k in DEPTHS},
    "map_at_r": lambda row: {"map_r": averaged(row, sum(row), sum(row))},
    "r_precision": lambda row: {"r_precision": precision_at(row, sum(row))},
    "minp": lambda row: {"minp": sum(row) / (len(row) - row[::-1].index(True))},
    "ndcg": lambda row: {
        "ndcg": ndcg(row, len(row)),
        **{f"ndcg{k}": ndcg(row, k) for k in DEPTHS},
    },
    "precision": lambda row: {f"p{k}": precision_at(row, k) for k in DEPTHS},
    "precision_recall": lambda row: {
        **{f"precision_at_recall_{level}": interpolated(row, level) for level in LEVELS},
        "iap": sum(interpolated(row, level) for level in LEVELS) / len(LEVELS),
    },
}
"""Shares from 0 to 1 by the definition of each measure."""


def test_every_measure_has_a_slow_one() -> None:
    of_places = [name for name in names(PACKAGE) if load(PACKAGE, name).USES in ("best", "all")]
    assert set(of_places) == set(SLOW)


@pytest.mark.parametrize("name", SLOW)
def test_each_value_of_1000_cases_is_that_of_its_definition(name: str) -> None:
    options = options_of(name, CHOSEN.get(name, {}))
    for seed in range(CASES):
        lists, hits = drawn(seed)
        expected = [SLOW[name](row) for row in lists]
        found = per_query(name, hits, options)
        assert found.keys() == expected[0].keys()
        for key, values in found.items():
            assert values.tolist() == pytest.approx([100 * e[key] for e in expected], rel=1e-12)


def test_the_cases_have_what_they_are_for() -> None:
    cases = [drawn(seed) for seed in range(CASES)]
    right = np.concatenate([hits.right for _, hits in cases])
    assert (right == 1).sum() > 100
    assert (right > 10).sum() > 100
    assert sum(hits.gallery < 3 for _, hits in cases) > 10
    assert any(all(map(all, lists)) for lists, _ in cases)
