"""Measures on worked examples, and average precision against its textbook form."""

import numpy as np
import pytest

from core.errors import SettingError
from evaluate.hits import Hits
from evaluate.measures import options_of, per_query, summary


def first(ranks: list[int], gallery: int = 1000) -> Hits:
    """One right answer a query."""
    return Hits.of([[rank] for rank in ranks], gallery)


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([1], 1.0),
        ([1, 2], 1.0),  # from 0: 0 and 1, median 0.5, floor 0, plus 1
        ([1, 3], 2.0),
        ([3, 1, 2], 2.0),
        ([1, 2, 3, 4], 2.0),
        ([1, 2, 5, 100], 3.0),
        ([1000, 1000], 1000.0),
    ],
)
def test_median_rank_is_that_of_vsepp(ranks: list[int], expected: float) -> None:
    assert summary("median_rank", first(ranks)) == {"median_rank": expected}


def test_recall_counts_the_rank_k_itself() -> None:
    hits = first([1, 5, 6, 10, 11, 400, 1, 2])
    assert summary("recall", hits) == {"r1": 25.0, "r5": 50.0, "r10": 75.0}
    assert per_query("recall", hits)["r5"].tolist() == [100, 100, 0, 0, 0, 0, 100, 100]


def test_recall_has_no_rounding_of_its_own() -> None:
    hits = first([1, 2, 2])
    assert summary("recall", hits)["r1"] == pytest.approx(100 / 3, abs=1e-12)
    for count in range(1, 300):
        hits = first([1] * count + [2] * (300 - count))
        assert summary("recall", hits)["r1"] == 100.0 * count / 300


def test_recall_at_any_k() -> None:
    options = options_of("recall", {"k": [3, 50]})
    assert summary("recall", first([1, 3, 4, 60]), options) == {"r3": 50.0, "r50": 75.0}


@pytest.mark.parametrize("given", [{"k": [0]}, {"k": []}, {"k": [1.5]}, {"at": [1]}])
def test_recall_refuses_what_is_no_k(given: dict[str, list[float]]) -> None:
    with pytest.raises(SettingError, match="measure recall: "):
        options_of("recall", given)


def test_mean_rank() -> None:
    assert summary("mean_rank", first([1, 1, 2])) == {"mean_rank": pytest.approx(4 / 3)}


def textbook(relevant: list[bool]) -> float:
    """Average precision of one sorted list: precision at each k times relevance there, over R."""
    total = 0.0
    for k in range(1, len(relevant) + 1):
        precision = sum(relevant[:k]) / k
        total += precision * relevant[k - 1]
    return total / sum(relevant)


def test_average_precision_is_that_of_the_textbook() -> None:
    draw = np.random.default_rng(0)
    for _ in range(100):
        lists = draw.random((7, 30)) < draw.random((7, 1))
        lists[np.arange(7), draw.integers(0, 30, 7)] = True
        hits = Hits.of([(1 + np.flatnonzero(line)).tolist() for line in lists], gallery=30)
        expected = [100 * textbook(line.tolist()) for line in lists]
        values = per_query("average_precision", hits)["map"]
        assert values.tolist() == pytest.approx(expected, rel=1e-12)
        assert summary("average_precision", hits)["map"] == pytest.approx(np.mean(expected))


def test_average_precision_by_hand() -> None:
    """Right at 1, 3 and 6 of 10: (1/1 + 2/3 + 3/6) / 3; the best one alone would say 1."""
    hits = Hits.of([[6, 1, 3]], gallery=10)
    assert summary("average_precision", hits) == {"map": pytest.approx(100 * 13 / 18)}


def test_an_unknown_measure_names_the_known() -> None:
    with pytest.raises(SettingError, match="'recal' in metrics: did you mean 'recall'"):
        summary("recal", first([1]))
