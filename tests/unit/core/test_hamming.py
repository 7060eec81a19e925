"""Hashes that differ in few bits: all of them, as brute force finds them."""

import tracemalloc
from itertools import combinations

import numpy as np
import pytest

from core import hamming
from core.hamming import distance, near_groups, near_pairs, nearest


def brute(hashes: np.ndarray, radius: int) -> list[list[int]]:
    values = [int(value) for value in hashes]
    return [
        [i, j]
        for i, j in combinations(range(len(values)), 2)
        if bin(values[i] ^ values[j]).count("1") <= radius
    ]


def clustered(seed: int, count: int) -> np.ndarray:
    """Random hashes, and copies of some with a few bits flipped."""
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 2**64, count, dtype=np.uint64)
    for row in range(count // 2, count):
        values[row] = values[generator.integers(0, count // 2)]
        for bit in generator.integers(0, 64, generator.integers(0, 10)):
            values[row] ^= np.uint64(1) << np.uint64(bit)
    return generator.permutation(values)


@pytest.mark.parametrize("radius", [0, 1, 3, 4, 7, 12, 31, 63])
@pytest.mark.parametrize("seed", range(3))
def test_all_pairs_are_those_of_brute_force(seed: int, radius: int) -> None:
    hashes = clustered(seed, 120)
    assert near_pairs(hashes, radius).tolist() == brute(hashes, radius)


def test_few_values_and_the_ends_of_the_range() -> None:
    hashes = np.array([2**64 - 1, 0, 1, 2**63, 2**64 - 1, 0], dtype=np.uint64)
    for radius in (0, 1, 2, 62, 63):
        assert near_pairs(hashes, radius).tolist() == brute(hashes, radius)


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(count: int) -> None:
    assert near_pairs(np.zeros(count, np.uint64), 4).shape == (0, 2)
    assert near_groups(np.zeros(count, np.uint64), 4) == []


@pytest.mark.parametrize("radius", [-1, 64])
def test_a_radius_that_cannot_be(radius: int) -> None:
    with pytest.raises(ValueError, match="choose 0 to 63"):
        near_pairs(np.zeros(2, np.uint64), radius)


@pytest.mark.parametrize("radius", [0, 4, 9])
def test_groups_are_what_pairs_connect(radius: int) -> None:
    hashes = clustered(5, 90)
    linked = {row: {row} for row in range(len(hashes))}
    for one, other in brute(hashes, radius):
        both = linked[one] | linked[other]
        for row in both:
            linked[row] = both
    wanted = {tuple(sorted(group)) for group in linked.values() if len(group) > 1}
    found = near_groups(hashes, radius)
    assert found == sorted(list(group) for group in wanted)


def test_a_chain_is_one_group() -> None:
    hashes = np.array([0b1111, 0, 0b0011, 7 << 40], dtype=np.uint64)
    assert near_groups(hashes, 2) == [[0, 1, 2]]


def test_very_many_equal_hashes_are_one_group_at_once() -> None:
    hashes = np.repeat(np.array([7, 2**64 - 1], dtype=np.uint64), 50_000)
    assert [len(group) for group in near_groups(hashes, 4)] == [50_000, 50_000]


def test_distance() -> None:
    assert distance(2**64 - 1, 0) == 64
    assert distance(5, 5) == 0


def nearest_by_hand(asked: np.ndarray, others: np.ndarray, radius: int) -> list[tuple[int, int]]:
    """(row, bits) of each, (-1, -1) where none is near."""
    found = []
    for one in asked.tolist():
        near = [(distance(one, other), row) for row, other in enumerate(others.tolist())]
        bits, row = min(near, default=(64, -1))
        found.append((row, bits) if bits <= radius else (-1, -1))
    return found


@pytest.mark.parametrize("radius", [0, 1, 4, 9, 31, 63])
@pytest.mark.parametrize("at_once", [40, 2**18])
def test_the_nearest_of_others_is_that_of_brute_force(
    radius: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hamming, "_AT_ONCE", at_once)
    both = clustered(radius, 150)
    asked, others = both[:60], np.concatenate([both[60:], both[70:90], both[:5]])
    rows, bits = nearest(asked, others, radius)
    pairs = list(zip(rows.tolist(), bits.tolist(), strict=True))
    assert pairs == nearest_by_hand(asked, others, radius)
    assert (rows >= 0).any()


def test_of_equal_ones_the_first_is_the_nearest() -> None:
    asked = np.array([5, 2**64 - 1, 5], dtype=np.uint64)
    others = np.array([4, 5, 5, 2**63], dtype=np.uint64)
    rows, bits = nearest(asked, others, 4)
    assert (rows.tolist(), bits.tolist()) == ([1, -1, 1], [0, -1, 0])


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (0, 0)])
def test_the_nearest_of_nothing(sizes: tuple[int, int]) -> None:
    rows, bits = nearest(*(np.zeros(size, np.uint64) for size in sizes), radius=4)
    assert rows.tolist() == bits.tolist() == [-1] * sizes[0]


def test_a_radius_that_cannot_be_of_two_sides() -> None:
    with pytest.raises(ValueError, match="choose 0 to 63"):
        nearest(np.zeros(1, np.uint64), np.zeros(1, np.uint64), 64)


def test_what_all_share_costs_memory_of_its_own_order() -> None:
    asked = np.arange(2_000, dtype=np.uint64)  # bands but the lowest are one
    tracemalloc.start()
    rows, _ = nearest(asked, asked[::-1].copy(), 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows.tolist() == list(range(1_999, -1, -1))
    assert peak < 32 * 2**20  # 4 million pairs a band are 64 MB as two rows alone
