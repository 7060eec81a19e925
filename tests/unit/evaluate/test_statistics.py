"""Pairs, permutations, intervals, McNemar, power and Holm, each against a slow obvious version."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import comb, sqrt

import numpy as np
import pytest

from core.errors import InputError
from evaluate.queries import Queries
from evaluate.statistics import draws
from evaluate.statistics.bootstrap import intervals
from evaluate.statistics.draws import tossed
from evaluate.statistics.holm import holm
from evaluate.statistics.mcnemar import Discordant, mcnemar
from evaluate.statistics.paired import Paired, averaged, in_order_of, paired
from evaluate.statistics.permutation import permuted
from evaluate.statistics.power import smallest
from evaluate.statistics.resampled import interval

PARTS = [("i2t", "r1"), ("t2i", "r1")]
MEASURES = {
    name: dict.fromkeys(parts, 1.0)
    for name, parts in (("both", PARTS), ("i2t_r1", PARTS[:1]), ("t2i_r1", PARTS[1:]))
}


def answers(seed: int, pictures: int = 6) -> list[Queries]:
    """A picture has as many captions as its number says, one to three."""
    draws = np.random.default_rng(seed)
    names = [f"p{number}" for number in range(pictures)]
    captions = [(f"{name}#{k}", name) for n, name in enumerate(names) for k in range(1 + n % 3)]
    ways = {"i2t": list(zip(names, names, strict=True)), "t2i": captions}
    return [
        Queries(way, *map(np.array, zip(*asked, strict=True)), {"r1": hits(draws, len(asked))})
        for way, asked in ways.items()
    ]


def hits(draws: np.random.Generator, many: int) -> np.ndarray:
    return np.where(draws.random(many) < 0.5, 100.0, 0.0)


def shuffled(queries: list[Queries], seed: int) -> list[Queries]:
    found = []
    for each in queries:
        order = np.random.default_rng(seed).permutation(len(each.id))
        values = {name: value[order] for name, value in each.values.items()}
        found.append(Queries(each.way, each.id[order], each.picture[order], values))
    return found[::-1]


def mean(queries: list[Queries], way: str) -> float:
    return float(next(each for each in queries if each.way == way).values["r1"].mean())


@pytest.mark.parametrize("seed", range(5))
def test_a_difference_is_that_of_the_means_in_whatever_order_the_queries_stand(seed: int) -> None:
    first, other = answers(seed), answers(seed + 100)
    each = {way: mean(first, way) - mean(other, way) for way in ("i2t", "t2i")}
    whole = [each["i2t"] + each["t2i"], each["i2t"], each["t2i"]]
    both = paired(first, shuffled(other, seed), MEASURES)
    assert both.difference == pytest.approx(whole)
    assert both.shares.sum(axis=0) == pytest.approx(whole)
    assert both.deviations.sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    turned = paired(shuffled(first, seed), other, MEASURES)
    for one, same in ((both.sums, turned.sums), (both.counts, turned.counts)):
        assert one.tolist() == same.tolist()


def test_a_part_counts_by_its_weight() -> None:
    first, other = answers(0), answers(100)
    both = paired(first, other, {"mean": dict.fromkeys(PARTS, 0.5), **MEASURES})
    assert both.difference[0] == pytest.approx(both.difference[2:].mean())


def test_of_as_many_queries_a_picture_a_deviation_is_that_from_the_mean() -> None:
    draws = np.random.default_rng(0)
    even = Paired(draws.normal(size=(7, 2)), np.full((7, 2), 3.0), np.array([[1.0], [1.0]]))
    assert even.deviations == pytest.approx(even.shares - even.shares.mean(axis=0))


def other_queries() -> Iterator[tuple[list[Queries], str]]:
    whole = answers(1)
    few = [Queries(q.way, q.id[1:], q.picture[1:], {"r1": q.values["r1"][1:]}) for q in whole]
    yield few, "not the same queries i2t"
    renamed = np.array(["x", *whole[0].id[1:]])
    yield [Queries("i2t", renamed, whole[0].picture, whole[0].values), whole[1]], "queries i2t are"
    moved = Queries("t2i", whole[1].id, np.roll(whole[1].picture, 1), whole[1].values)
    yield [whole[0], moved], "queries t2i are not the same"
    yield whole[:1], "not the same queries t2i"


@pytest.mark.parametrize(("other", "why"), list(other_queries()))
def test_other_queries_are_not_paired(other: list[Queries], why: str) -> None:
    with pytest.raises(InputError, match=why):
        paired(answers(0), other, MEASURES)


def test_one_picture_shows_nothing() -> None:
    with pytest.raises(InputError, match="one picture alone"):
        paired(answers(0, pictures=1), answers(1, pictures=1), MEASURES)


def test_seeds_are_averaged_query_by_query() -> None:
    three = [answers(0), shuffled(answers(1), 0), shuffled(answers(2), 1)]
    found = averaged(three)
    for way in found:
        same = [in_order_of(way, each).values["r1"] for each in three]
        for row, query in enumerate(way.id):
            assert way.values["r1"][row] == pytest.approx(sum(v[row] for v in same) / 3), query
    assert averaged(three[:1])[0].values["r1"].tolist() == three[0][0].values["r1"].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_the_permutations_are_close_to_all_there_are(seed: int) -> None:
    shares = np.random.default_rng(seed).normal(0.2, 1.0, size=(10, 3)).round(1)
    every = np.array(list(product((1.0, -1.0), repeat=10))) @ shares
    exact = (np.abs(every) >= np.abs(shares.sum(axis=0)) - 1e-9).mean(axis=0)
    found = permuted(shares, permutations=40_000, seed=seed)
    assert found == pytest.approx(exact, abs=4 * sqrt(0.25 / 40_000))
    assert found.tolist() == permuted(shares, permutations=40_000, seed=seed).tolist()
    assert found.tolist() != permuted(shares, permutations=40_000, seed=seed + 1).tolist()


def test_the_coins_are_the_bits_of_the_words_that_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not what a Generator makes of them: numpy promises the words alone.
    words = np.random.PCG64(5).random_raw(3 * 2).tolist()
    slow = [[words[2 * t + n // 64] >> n % 64 & 1 for n in range(70)] for t in range(3)]
    assert np.concatenate(list(tossed(70, 3, seed=5))).tolist() == slow
    monkeypatch.setattr(draws, "SIGNS", 70)
    apart = list(tossed(70, 3, seed=5))
    assert [len(each) for each in apart] == [1, 1, 1]
    assert np.concatenate(apart).tolist() == slow
    # Three pictures, four times: what these coins come to by hand.
    shares = np.array([[0.5], [0.25], [-0.5]])
    signs = [[1 - 2 * (word >> n & 1) for n in range(3)] for word in words[:4]]
    sums = [
        sum(s * float(each) for s, each in zip(row, shares[:, 0], strict=True)) for row in signs
    ]
    far = sum(abs(each) >= 0.25 for each in sums)
    assert permuted(shares, permutations=4, seed=5)[0] == (1 + far) / 5


def test_permutations_are_counted_in_blocks_and_the_observed_order_is_one() -> None:
    # In whole tenths most sums tie with others: rounding must not break the ties.
    shares = np.full((300_000, 1), 0.1)
    assert permuted(shares, permutations=30)[0] == pytest.approx(1 / 31)
    assert permuted(np.array([[0.1], [0.2], [0.3]]), permutations=4000)[0] == pytest.approx(
        0.25, abs=0.03
    )


def test_an_interval_is_that_of_pictures_drawn_one_by_one() -> None:
    both = paired(answers(0, 12), answers(100, 12), MEASURES)
    draws, values = np.random.default_rng(7), []
    for _ in range(4000):
        rows = draws.integers(0, 12, 12)
        sums, counts = both.sums[rows].sum(axis=0), both.counts[rows].sum(axis=0)
        i2t, t2i = sums / counts
        values.append([i2t + t2i, i2t, t2i])
    slow = np.quantile(values, (0.025, 0.975), axis=0)
    found = interval(both, resamples=20_000)
    assert np.abs(found - slow).max() < 0.12 * (slow[1] - slow[0]).max()
    assert found.tolist() == interval(both, resamples=20_000).tolist()


def test_a_resample_without_a_query_of_a_part_is_left_out_of_what_takes_it() -> None:
    sums, counts = np.array([[3.0, 1.0], [0.0, 5.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])
    found = interval(Paired(sums, counts, np.array([[1.0, 0, 1], [0, 1.0, 1]])), resamples=500)
    assert found.tolist() == [[3.0, 1.0, 4.0], [3.0, 5.0, 6.0]]


def test_the_interval_of_a_difference_to_nothing_is_that_of_the_report() -> None:
    i2t, t2i = answers(3, 40)
    few = Queries("i2t", i2t.id[:3], i2t.picture[:3], {"r1": np.array([100.0, 100.0, 0.0])})
    first = [few, t2i]
    none = [Queries(q.way, q.id, q.picture, {"r1": np.zeros(len(q.id))}) for q in first]
    found = interval(paired(first, none, MEASURES))
    told = intervals(first, {"both": dict.fromkeys(PARTS, 1.0)})
    each = [told.sums["both"], told.ways["i2t"]["r1"], told.ways["t2i"]["r1"]]
    low_high = np.array([[one.low, one.high] for one in each])
    assert np.allclose(found.T, low_high, rtol=1e-12, atol=0)


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), (3, 9), (8, 8), (40, 17), (900, 1000)])
def test_mcnemar_is_the_binomial_of_a_coin(counts: tuple[int, int]) -> None:
    first, other = counts
    one = np.array([100.0] * first + [0.0] * other + [100.0, 0.0])
    two = np.array([0.0] * first + [100.0] * other + [100.0, 0.0])
    found = mcnemar(one, two)
    many = first + other
    tail = sum(Fraction(comb(many, k), 2**many) for k in range(min(first, other) + 1))
    assert found == Discordant(first, other, float(min(Fraction(1), 2 * tail)))
    turned = mcnemar(two, one)
    assert turned == Discordant(other, first, found.p)


def test_mcnemar_is_of_hits_alone() -> None:
    assert mcnemar(np.array([100.0, 50.0]), np.array([0.0, 100.0])) is None
    assert mcnemar(np.array([1.0, 2.0]), np.array([1.0, 1.0])) is None


def test_the_smallest_difference_is_that_of_the_formula() -> None:
    values = np.random.default_rng(3).normal(size=400)
    both = Paired(values[:, None], np.ones((400, 1)), np.eye(1))
    error = values.std(ddof=1) / sqrt(400)
    assert smallest(both.deviations)[0] == pytest.approx((1.959964 + 0.841621) * error, rel=1e-6)
    assert smallest(both.deviations, power=0.9)[0] > smallest(both.deviations)[0]


def test_holm_is_the_step_down_rule() -> None:
    draws = np.random.default_rng(0)
    for many in range(1, 9):
        values = (draws.random(many) ** 3).round(2).tolist()
        found = holm(values)
        for level in (0.01, 0.05, 0.2):
            # The rule itself: the smallest first, until one is above level / how many are left.
            rejected = set()
            for done, place in enumerate(sorted(range(many), key=values.__getitem__)):
                if values[place] * (many - done) > level:
                    break
                rejected.add(place)
            assert {n for n, p in enumerate(found) if p <= level} == rejected
    assert holm([]) == []
