"""What a bootstrap draws, and what its intervals are of small examples."""

import numpy as np
import pytest

from evaluate.queries import Queries
from evaluate.statistics import draws
from evaluate.statistics.bootstrap import Interval, intervals
from evaluate.statistics.draws import drawn
from evaluate.statistics.reweighted import exactly_summed


def asked(picture: list[str], **values: list[float]) -> Queries:
    ids = np.array([f"q{n}" for n in range(len(picture))])
    return Queries("t2i", ids, np.array(picture), {k: np.array(v) for k, v in values.items()})


def test_a_resample_draws_as_many_as_there_are_each_as_likely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = np.concatenate(list(drawn(20, 5_000)))
    assert counts.shape == (5_000, 20)
    assert (counts.sum(axis=1) == 20).all()
    # Of 20 draws with the chance 1/20: mean 1, variance 19/20; 5 standard errors of 5,000.
    assert abs(counts.mean(axis=0) - 1).max() < 5 * (0.95 / 5_000) ** 0.5
    assert counts.var() == pytest.approx(0.95, rel=0.02)
    together = np.cov(counts.T)[np.triu_indices(20, 1)]
    assert together.mean() == pytest.approx(-1 / 20, rel=0.02)
    monkeypatch.setattr(draws, "ROWS", 1)
    monkeypatch.setattr(draws, "BLOCK", 50)
    blocks = list(drawn(20, 5_000))
    assert len(blocks) == 2_500
    assert np.array_equal(np.concatenate(blocks), counts)
    assert not np.array_equal(np.concatenate(list(drawn(20, 9, seed=1))), counts[:9])


FIRST = [[2, 1, 0, 0, 2, 1, 1], [2, 0, 0, 1, 0, 2, 2]]


def test_these_bits_are_drawn_whatever_the_machine() -> None:
    """PCG64's own bits, mapped by a product and a shift: nothing that may change with numpy."""
    assert next(drawn(7, 2)).tolist() == FIRST


def test_the_interval_of_a_small_example() -> None:
    """Two pictures: a resample is both, or one of them twice, each with the chance of a quarter."""
    told = intervals([asked(["a", "a", "b"], r1=[0.0, 30.0, 100.0])])
    assert told.ways["t2i"]["r1"] == Interval(pytest.approx(130 / 3), 15.0, 100.0)
    assert told.pictures == 2
    same = intervals([asked(["a", "a", "b"], r1=[7.0, 7.0, 7.0])])
    assert same.ways["t2i"]["r1"] == Interval(7.0, 7.0, 7.0)
    alone = intervals([asked(["a"], r1=[100.0])])
    assert alone.ways["t2i"]["r1"] == Interval(100.0, 100.0, 100.0)


def test_the_ends_are_the_250th_and_the_9750th_of_10_000() -> None:
    value = np.random.default_rng(3).random(50)
    ids = [f"p{n:02}" for n in range(50)]
    told = intervals([asked(ids, x=value.tolist())]).ways["t2i"]["x"]
    means = np.sort(np.concatenate(list(drawn(50, 10_000))) @ value / 50)
    assert (told.low, told.high) == pytest.approx((means[249], means[9749]), rel=1e-12)


def test_a_resample_in_which_nothing_is_asked_that_way_is_left_out() -> None:
    """Half of the resamples of two pictures have b, and only b asks."""
    one = asked(["b", "b"], r1=[0.0, 100.0], median_rank=[1.0, 3.0])
    other = Queries("i2t", np.array(["a", "b"]), np.array(["a", "b"]), {"r1": np.zeros(2)})
    told = intervals([other, one], {"both": {("i2t", "r1"): 1.0, ("t2i", "r1"): 0.5}})
    assert told.ways["t2i"] == {
        "r1": Interval(50.0, 50.0, 50.0),
        "median_rank": Interval(2.0, 2.0, 2.0),
    }
    assert told.sums["both"] == Interval(25.0, 25.0, 25.0)


def test_no_order_of_adding_changes_a_bit() -> None:
    draw = np.random.default_rng(4)
    raw = draw.random((3_000, 2)) * [1.0, 1e6]
    sums = exactly_summed(raw)
    assert abs(sums - raw).max(axis=0) == pytest.approx([0, 0], abs=3_000 * 1e6 * 2.0**-52)
    totals = {tuple(np.cumsum(sums[draw.permutation(3_000)], axis=0)[-1]) for _ in range(9)}
    assert len(totals) == 1
    whole = np.arange(300.0).reshape(3, 100) * 100
    assert np.array_equal(exactly_summed(whole), whole)
    assert np.array_equal(exactly_summed(np.zeros((3, 1))), np.zeros((3, 1)))
