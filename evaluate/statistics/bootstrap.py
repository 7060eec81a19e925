"""How far a number would move with other pictures: percentile intervals of a cluster bootstrap.

The pictures of a report are drawn again, as many as there are and with replacement; a picture that
is drawn brings all of its queries, every way. The candidates stay the same. Queries of one picture
are alike, and to draw them one by one would count five captions as five independent samples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isclose
from typing import Any

import numpy as np

from evaluate.measures import Values
from evaluate.queries import Queries
from evaluate.statistics.draws import SEED, Counts, drawn
from evaluate.statistics.reweighted import Name, Reweighted

Weights = Mapping[Name, float]
"""Of the numbers of a sum, each by its way and value."""
RESAMPLES = 10_000
PERCENT = 95
WHAT = "pictures with all their queries, every way together; the gallery is fixed"


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``; ``of`` is the number itself, of the pictures as they are."""

    of: float
    low: float
    high: float

    def is_of(self, number: float) -> bool:
        """Whether it is the interval of ``number``, up to how it was added."""
        return isclose(self.of, number, rel_tol=1e-9, abs_tol=1e-9)

    def told(self, decimals: int) -> str:
        """For a person, as ``52.0-63.3``."""
        return f"{self.low:.{decimals}f}-{self.high:.{decimals}f}"


@dataclass(frozen=True, slots=True)
class Intervals:
    """Those of one report: of each value by its way, and of each sum of numbers by its name.

    ``pictures`` of them were drawn ``resamples`` times; ``asking`` are how many ask each way;
    ``made_of`` says of which numbers each of ``sums`` is.
    """

    ways: Mapping[str, Mapping[str, Interval]]
    sums: Mapping[str, Interval]
    pictures: int
    resamples: int
    asking: Mapping[str, int]
    made_of: Mapping[str, Weights]

    def to_json(self) -> dict[str, Any]:
        """``intervals`` of a report: ``[low, high]`` under the names that the numbers have."""
        ways = {way: _ends(values) for way, values in self.ways.items()}
        how = {"percent": PERCENT, "resamples": self.resamples, "seed": SEED}
        many = {"pictures": self.pictures, "asking": dict(self.asking)}
        made_of = {
            name: {f"{way}_{value}": weight for (way, value), weight in weights.items()}
            for name, weights in self.made_of.items()
        }
        return {**how, "resampled": WHAT, **many, "sums": made_of, **ways, **_ends(self.sums)}


def intervals(
    queries: Sequence[Queries],
    sums: Mapping[str, Weights] | None = None,
    *,
    resamples: int = RESAMPLES,
) -> Intervals:
    """The 95 % interval of each value of ``queries``, and of each sum of them.

    The ends are the 2.5th and the 97.5th percentile of the resamples' numbers: of B in order that
    at B / 40 and that at 39 B / 40, counted from 1 and rounded up (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, section 13.3). Resamples are drawn with a fixed seed. One
    in which nothing is asked that way is left out.

    Args:
        queries: of each way of asking, at least one query. Several of one way, such as the folds of
            a split, are measured apart: the number is the mean of theirs.
        sums: name -> the numbers that are added, resample by resample, and the weight of each.
        resamples: how many.
    """
    reweighted, sums = Reweighted(queries), sums or {}
    many, names = len(reweighted.pictures), list(dict.fromkeys(reweighted.names))
    apart = [np.flatnonzero([each == name for each in reweighted.names]) for name in names]

    def numbers(counts: Counts) -> Values:
        """Those of each way, then the sums."""
        found = reweighted(counts)
        each = [found[:, columns].mean(axis=1) for columns in apart]
        by_name = dict(zip(names, each, strict=True))
        totals = [sum(by_name[name] * w for name, w in terms.items()) for terms in sums.values()]
        return np.column_stack([*each, *totals])

    whole = numbers(np.ones((1, many), dtype=np.int64))[0]
    again = np.concatenate([numbers(counts) for counts in drawn(many, resamples)])
    found = [Interval(float(of), *ends(each)) for of, each in zip(whole, again.T, strict=True)]
    told = dict(zip(names, found, strict=False))
    ways = {each.way: {value: told[each.way, value] for value in each.values} for each in queries}
    totals = dict(zip(sums, found[len(names) :], strict=True))
    return Intervals(ways, totals, many, resamples, _asking(queries), sums)


def ends(drawn_again: Values) -> tuple[float, float]:
    """The lower and the upper end among the numbers of resamples (B,), as ``intervals`` says."""
    rising = np.sort(drawn_again[~np.isnan(drawn_again)])
    tail = (1 - PERCENT / 100) / 2
    low, high = (rising[ceil(round(len(rising) * p, 6)) - 1] for p in (tail, 1 - tail))
    return float(low), float(high)


def _asking(queries: Sequence[Queries]) -> dict[str, int]:
    """Of each way how many pictures have a query."""
    pictures: dict[str, set[str]] = {}
    for each in queries:
        pictures.setdefault(each.way, set()).update(each.picture.tolist())
    return {way: len(names) for way, names in pictures.items()}


def _ends(values: Mapping[str, Interval]) -> dict[str, list[float]]:
    return {name: [each.low, each.high] for name, each in values.items()}
