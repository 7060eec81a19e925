"""Intervals against an obvious loop over resamples, and against the truth that they shall cover."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from core.plugins import load, names
from evaluate.measures import PACKAGE
from evaluate.queries import Queries
from evaluate.statistics import median
from evaluate.statistics.bootstrap import intervals
from evaluate.statistics.draws import drawn
from evaluate.statistics.special import Special, specials

Floats = npt.NDArray[np.float64]
RESAMPLES = 400


def queries(draw: np.random.Generator, pictures: int) -> list[Queries]:
    """Two ways; a picture has none to six queries of the second, and not all ask the first."""
    ids = np.array([f"p{n}" for n in draw.permutation(pictures)])
    own = np.repeat(ids, draw.integers(0, 7, pictures))
    found = []
    for way, picture in (("i2t", ids[: 2 * pictures // 3]), ("t2i", own)):
        rank = np.ceil(draw.gamma(0.5, 20, len(picture)))
        values = {"r1": 100.0 * (rank <= 1), "map": 100 / rank, "median_rank": rank}
        id = np.array([f"{way}{n}" for n in range(len(picture))])
        order = draw.permutation(len(picture))
        found.append(Queries(way, id, picture[order], {k: v[order] for k, v in values.items()}))
    return found


def slow_number(values: list[float], name: str) -> float:
    if name == "median_rank":
        rising = sorted(values)
        middle = (rising[(len(rising) - 1) // 2] + rising[len(rising) // 2]) / 2
        return float(middle - 1) // 1 + 1
    return sum(values) / len(values)


def slow_interval(
    given: list[Queries], number: Callable[[list[Queries], list[str]], float]
) -> tuple[float, float]:
    """Draw pictures, take all that they ask, compute the number; the 10th and 390th of 400."""
    pictures = sorted({str(p) for each in given for p in each.picture})
    found = []
    for counts in np.concatenate(list(drawn(len(pictures), RESAMPLES))):
        lot = [p for p, times in zip(pictures, counts, strict=True) for _ in range(times)]
        found.append(number(given, lot))
    rising = sorted(found)
    return rising[9], rising[389]


def of(way: str, name: str) -> Callable[[list[Queries], list[str]], float]:
    def number(given: list[Queries], lot: list[str]) -> float:
        each = next(one for one in given if one.way == way)
        pairs = list(zip(each.picture, each.values[name], strict=True))
        values = [value for one in lot for picture, value in pairs if picture == one]
        return slow_number(values, name)

    return number


def test_each_number_has_the_interval_of_the_loop() -> None:
    given = queries(np.random.default_rng(2), 15)
    terms = [(way, name) for way in ("i2t", "t2i") for name in ("r1", "map")]
    weights = dict(zip(terms, (1.0, 0.5, 2.0, -1.0), strict=True))
    told = intervals(given, {"total": weights}, resamples=RESAMPLES)
    for each in given:
        for name, values in each.values.items():
            found = told.ways[each.way][name]
            assert found.of == pytest.approx(slow_number(values.tolist(), name), rel=1e-9)
            slow = slow_interval(given, of(each.way, name))
            assert (found.low, found.high) == pytest.approx(slow, rel=1e-9)
    total = told.sums["total"]
    slow = slow_interval(
        given, lambda g, lot: sum(w * of(*term)(g, lot) for term, w in weights.items())
    )
    assert (total.low, total.high) == pytest.approx(slow, rel=1e-9)


def test_folds_are_measured_apart_and_their_numbers_averaged() -> None:
    """A mean of means and a mean of medians: folds of 20 and 12 pictures count alike."""
    folds = []
    for fold, pictures in enumerate((20, 12)):
        for each in queries(np.random.default_rng(fold), pictures):
            ids, own = (np.char.add(f"{fold}.", part) for part in (each.id, each.picture))
            folds.append(Queries(each.way, ids, own, each.values))
    told = intervals(folds, {"total": {("i2t", "map"): 1.0}}, resamples=RESAMPLES)
    for way, name in (("i2t", "map"), ("t2i", "median_rank")):

        def number(given: list[Queries], lot: list[str], way: str = way, name: str = name) -> float:
            found = [of(way, name)([fold], lot) for fold in given if fold.way == way]
            return sum(found) / 2

        slow = slow_interval(folds, number)
        assert (told.ways[way][name].low, told.ways[way][name].high) == pytest.approx(slow)
    assert told.sums["total"] == told.ways["i2t"]["map"]


def test_another_generator_s_draws_give_the_same_interval_nearly() -> None:
    given = queries(np.random.default_rng(1), 300)
    told, ids = intervals(given), sorted({str(p) for each in given for p in each.picture})
    draw = np.random.default_rng(8)
    for each in given:
        rows = [np.flatnonzero(each.picture == p) for p in ids]
        for name, values in each.values.items():
            again = []
            for _ in range(1_000):
                lot = np.concatenate([rows[n] for n in draw.integers(0, len(ids), len(ids))])
                again.append(slow_number(values[lot].tolist(), name))
            ends, found = np.percentile(again, [2.5, 97.5]), told.ways[each.way][name]
            assert (found.low, found.high) == pytest.approx(ends, abs=0.15 * np.ptp(ends) + 1e-9)


SPECIAL = sorted(specials())


@pytest.mark.parametrize("name", SPECIAL)
@pytest.mark.parametrize("wide", [0.01, 3.0, 100.0])
def test_what_is_faster_is_the_same(
    name: str, wide: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many ties and of none, of many resamples that draw nothing, near the middle and far."""
    monkeypatch.setattr(median, "_WIDE", wide)
    special, draw = specials()[name], np.random.default_rng(5)
    for case in range(200):
        pictures, many = draw.integers(1, 9), draw.integers(1, 30)
        values = np.sort(1.0 + draw.integers(0, 3 if case % 2 else 900, many))
        rows = draw.integers(0, pictures, many)
        counts = draw.integers(0, 2 if case % 3 else 7, (12, pictures))
        plain = Special(special.summary).resampled(values, rows, counts)
        assert np.array_equal(special.resampled(values, rows, counts), plain, equal_nan=True)


def test_every_number_that_is_no_mean_is_known() -> None:
    plugins = [load(PACKAGE, name) for name in names(PACKAGE)]
    assert {k for plugin in plugins for k in getattr(plugin, "SUMMARY", {})} == set(SPECIAL)
    assert "median_rank" in SPECIAL
    faster = {k for plugin in plugins for k in getattr(plugin, "RESAMPLED", {})}
    assert faster == {k for k, special in specials().items() if special.fast}


PICTURES, CAPTIONS, STUDIES = 200, 5, 1_500


def covered(picture: npt.NDArray[np.str_], hits: Floats, truth: float) -> float:
    """The share of the studies, (STUDIES, Q), whose interval has the true recall."""
    ids = np.array([f"q{n}" for n in range(len(picture))])
    values = {f"study{n}": row for n, row in enumerate(hits)}
    told = intervals([Queries("t2i", ids, picture, values)], resamples=2_000).ways["t2i"]
    return float(np.mean([each.low <= truth <= each.high for each in told.values()]))


@pytest.mark.parametrize("truth", [0.3, 0.5, 0.9])
def test_95_of_100_intervals_have_the_truth_by_picture_and_not_by_caption(truth: float) -> None:
    """Captions of a picture are hard or easy together: an intraclass correlation of 0.4.

    So many studies err by 0.6 % (one standard error); the limits are three of them and what 200
    pictures are too few by. Captions that are drawn one by one have a deviation too small by the
    root of 1 + 4 * 0.4, and cover 78 %.
    """
    draw = np.random.default_rng(11)
    apart = 1 / 0.4 - 1
    ease = draw.beta(truth * apart, (1 - truth) * apart, (STUDIES, PICTURES, 1))
    hits = 100.0 * (draw.random((STUDIES, PICTURES, CAPTIONS)) < ease).reshape(STUDIES, -1)
    picture = np.repeat([f"p{n}" for n in range(PICTURES)], CAPTIONS)
    assert 0.93 < covered(picture, hits, 100 * truth) < 0.97
    one_by_one = np.array([f"c{n}" for n in range(PICTURES * CAPTIONS)])
    assert covered(one_by_one, hits, 100 * truth) < 0.82
