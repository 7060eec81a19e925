"""Hits: built from ranks by people and tests."""

import numpy as np
import pytest

from core.errors import InputError
from evaluate.hits import Hits, on_demand


def test_places_are_those_given_in_rising_order() -> None:
    hits = Hits.of([[9, 2, 4], [1], [7, 8]], gallery=9)
    ranks, offsets = hits.places()
    assert [part.tolist() for part in np.split(ranks, offsets[1:-1])] == [[2, 4, 9], [1], [7, 8]]
    assert offsets.tolist() == [0, 3, 4, 6]
    assert (hits.best.tolist(), hits.right.tolist()) == ([2, 1, 7], [3, 1, 2])
    arrays = (ranks, offsets, hits.best, hits.right)
    assert {array.dtype for array in arrays} == {np.dtype(np.int64)}


@pytest.mark.parametrize("row", [[], [0], [11], [3, 3], [-1, 2]])
def test_ranks_that_cannot_be_are_refused(row: list[int]) -> None:
    with pytest.raises(InputError, match="in a gallery of 10: give each query one or more"):
        Hits.of([[1], row], gallery=10)


def test_no_query_is_an_error() -> None:
    with pytest.raises(InputError, match="no query has a right answer; choose a split"):
        Hits.of([], gallery=10)


def test_on_demand_computes_once() -> None:
    calls = []

    def compute() -> tuple[np.ndarray, np.ndarray]:
        calls.append(1)
        return np.array([1]), np.array([0, 1])

    places = on_demand(compute)
    assert calls == []
    assert places() is places()
    assert calls == [1]
