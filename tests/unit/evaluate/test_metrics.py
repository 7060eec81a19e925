"""Measures on worked examples."""

import numpy as np
import pytest

from evaluate.metrics import mean_rank, median_rank, recall


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
    assert median_rank.measure(np.array(ranks)) == {"median_rank": expected}


def test_recall_counts_the_rank_k_itself() -> None:
    ranks = np.array([1, 5, 6, 10, 11, 400, 1, 2])
    assert recall.measure(ranks) == {"r1": 25.0, "r5": 50.0, "r10": 75.0}


def test_recall_has_no_rounding_of_its_own() -> None:
    assert recall.recall_at(np.array([1, 2, 2]), 1) == pytest.approx(100 / 3, abs=1e-12)


def test_mean_rank() -> None:
    assert mean_rank.measure(np.array([1, 1, 2])) == {"mean_rank": pytest.approx(4 / 3)}
