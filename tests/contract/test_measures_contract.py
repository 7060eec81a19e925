"""Every file of evaluate/metrics keeps the contract of a measure."""

import math

import numpy as np
import pytest

from core.plugins import load, names

PACKAGE = "evaluate.metrics"
MEASURES = names(PACKAGE)
CANDIDATES = 40


def test_there_are_measures() -> None:
    assert MEASURES == ["mean_rank", "median_rank", "recall"]


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("queries", [1, 2, 7])
def test_perfect_ranks_give_the_perfect_value(name: str, queries: int) -> None:
    plugin = load(PACKAGE, name)
    assert plugin.measure(np.ones(queries, dtype=np.int64)) == plugin.PERFECT


@pytest.mark.parametrize("name", MEASURES)
def test_values_are_finite_floats_in_range_whatever_the_order(name: str) -> None:
    plugin = load(PACKAGE, name)
    draw = np.random.default_rng(0)
    for queries in range(1, 60):
        ranks = draw.integers(1, CANDIDATES + 1, queries)
        before = ranks.copy()
        values = plugin.measure(ranks)
        assert values.keys() == plugin.PERFECT.keys()
        assert plugin.measure(draw.permutation(ranks)) == pytest.approx(values)
        assert np.array_equal(ranks, before)
        for key, value in values.items():
            assert type(value) is float
            assert math.isfinite(value)
            low, high = (0, 100) if plugin.PERFECT[key] == 100 else (1, CANDIDATES)
            assert low <= value <= high


@pytest.mark.parametrize("name", MEASURES)
def test_worse_ranks_are_never_better(name: str) -> None:
    plugin = load(PACKAGE, name)
    draw = np.random.default_rng(1)
    for _ in range(100):
        ranks = draw.integers(1, CANDIDATES, 9)
        worse = ranks + draw.integers(0, 5, 9)
        good, bad = plugin.measure(ranks), plugin.measure(worse)
        for key, best in plugin.PERFECT.items():
            assert abs(bad[key] - best) >= abs(good[key] - best)


def test_no_two_measures_share_a_key() -> None:
    keys = [key for name in MEASURES for key in load(PACKAGE, name).PERFECT]
    assert len(keys) == len(set(keys))
