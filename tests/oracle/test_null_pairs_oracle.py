"""A thousand pairs of runs between which there is no difference, and a thousand with one.

Each run hits by luck of its own, part of it the picture's: the captions of a picture fare alike. So
a test that takes captions for independent finds differences that are none, and that is shown too.
"""

from functools import cache

import numpy as np
import pytest

from evaluate.statistics.mcnemar import mcnemar
from evaluate.statistics.paired import Paired
from evaluate.statistics.permutation import permuted
from evaluate.statistics.power import smallest
from evaluate.statistics.resampled import interval

PAIRS, PICTURES, CAPTIONS = 1000, 120, 5
LEVELS = (0.9, 0.0, -0.5)
"""R@1, R@5 and R@10: above which a query's luck must be to be a hit."""
LOW, HIGH = 0.035, 0.065
WHOLE = {"i2t 0": 0.033}
"""Few pictures' hits come in whole numbers: of R@1, each asking once, so often below the level."""


def luck(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(PICTURES, PAIRS) of pictures that ask, (PICTURES, CAPTIONS, PAIRS) of captions."""
    draws = np.random.default_rng(seed)
    picture = draws.normal(size=(PICTURES, PAIRS))
    own = draws.normal(size=(PICTURES, PAIRS))
    captions = draws.normal(size=(PICTURES, CAPTIONS, PAIRS))
    return 0.8 * picture + 0.6 * own, 0.8 * picture[:, None] + 0.6 * captions


@cache
def apart() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Of each recall, the differences of both ways of two runs that are alike."""
    hard, *_ = luck(0)
    sides = [
        [
            part + 0.7 * hard.reshape(PICTURES, *((1,) * (part.ndim - 2)), PAIRS)
            for part in luck(seed)
        ]
        for seed in (1, 2)
    ]
    found = []
    for one, two in zip(*sides, strict=True):
        found.append([100.0 * (one > level) - 100.0 * (two > level) for level in LEVELS])
    return found[0], found[1]


def shares() -> dict[str, np.ndarray]:
    """(PICTURES, PAIRS): what each picture adds to each measure of each pair."""
    i2t, t2i = apart()
    parts = {f"i2t {n}": each / PICTURES for n, each in enumerate(i2t)}
    parts |= {f"t2i {n}": each.sum(axis=1) / (PICTURES * CAPTIONS) for n, each in enumerate(t2i)}
    return {**parts, "rsum": sum(parts.values())}  # type: ignore[dict-item]


@pytest.mark.parametrize("measure", ["rsum", "i2t 0", "i2t 2", "t2i 0", "t2i 2"])
def test_of_a_thousand_pairs_without_a_difference_one_in_twenty_is_taken_for_one(
    measure: str,
) -> None:
    found = permuted(shares()[measure])
    assert min(LOW, WHOLE.get(measure, LOW)) <= (found <= 0.05).mean() <= HIGH


def test_captions_taken_for_independent_would_find_what_is_not_there() -> None:
    _, t2i = apart()
    each = t2i[0].reshape(PICTURES * CAPTIONS, PAIRS) / (PICTURES * CAPTIONS)
    assert (permuted(each, permutations=2000) <= 0.05).mean() > 2 * HIGH


def test_mcnemar_holds_where_a_picture_asks_once_and_not_for_its_captions() -> None:
    i2t, t2i = apart()
    ways = {"i2t": i2t[0], "t2i": t2i[0].reshape(PICTURES * CAPTIONS, PAIRS)}
    rejected = {}
    for way, each in ways.items():
        tests = (mcnemar(100.0 * (one > 0), 100.0 * (one < 0)) for one in each.T)
        rejected[way] = np.mean([test.p <= 0.05 for test in tests if test])
    assert rejected["i2t"] == WHOLE["i2t 0"]  # at most the level
    # Where a picture asks once the permutations are the same coins.
    once = (permuted(shares()["i2t 0"]) <= 0.05).mean()
    assert once == pytest.approx(rejected["i2t"], abs=0.003)
    assert rejected["t2i"] > 2 * HIGH


def test_a_difference_of_the_smallest_size_is_found_four_times_of_five() -> None:
    rsum = shares()["rsum"]
    sizes = smallest(rsum - rsum.mean(axis=0))
    moved = rsum + sizes / PICTURES
    assert (permuted(moved, permutations=2000) <= 0.05).mean() == pytest.approx(0.8, abs=0.04)
    assert (permuted(moved + 2 * sizes / PICTURES, permutations=500) <= 0.05).mean() > 0.99


def test_the_interval_holds_the_difference_nineteen_times_of_twenty() -> None:
    rsum = shares()["rsum"]
    low, high = interval(Paired(rsum, np.ones_like(rsum) / PICTURES, np.eye(PAIRS)), resamples=1000)
    assert ((low <= 0) & (high >= 0)).mean() == pytest.approx(0.945, abs=0.02)
