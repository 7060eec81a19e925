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
from evaluate.statistics.draws import SEED, drawn
from evaluate.statistics.reweighted import Name, Reweighted

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
    """Those of one report: of each value by its way, and of each sum of values by its name.

    ``pictures`` of them were drawn ``resamples`` times.
    """

    ways: Mapping[str, Mapping[str, Interval]]
    sums: Mapping[str, Interval]
    pictures: int
    resamples: int

    def to_json(self) -> dict[str, Any]:
        """``intervals`` of a report: ``[low, high]`` under the names that the numbers have."""
        ways = {way: _ends(values) for way, values in self.ways.items()}
        how = {"percent": PERCENT, "resamples": self.resamples, "seed": SEED}
        return {**how, "resampled": WHAT, "pictures": self.pictures, **ways, **_ends(self.sums)}


def intervals(
    queries: Sequence[Queries],
    sums: Mapping[str, Sequence[Name]] | None = None,
    *,
    resamples: int = RESAMPLES,
) -> Intervals:
    """The 95 % interval of each value of ``queries``, and of each sum of them.

    The ends are the 2.5th and the 97.5th percentile of the resamples' numbers: of B in order that
    at B / 40 and that at 39 B / 40, counted from 1 and rounded up (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, section 13.3). Resamples are drawn with a fixed seed. One
    in which nothing is asked that way is left out.

    Args:
        queries: of each way of asking, at least one query.
        sums: name -> the ways and values that are added, resample by resample.
        resamples: how many.
    """
    reweighted = Reweighted(queries)
    sums, many = sums or {}, len(reweighted.pictures)
    columns = {name: column for column, name in enumerate(reweighted.names)}
    terms = [[columns[name] for name in names] for names in sums.values()]

    def numbers(counts: Any) -> Values:
        """Those of each way, then the sums."""
        found = reweighted(counts)
        return np.column_stack([found, *(found[:, each].sum(axis=1) for each in terms)])

    whole = numbers(np.ones((1, many), dtype=np.int64))[0]
    drawn_again = np.concatenate([numbers(counts) for counts in drawn(many, resamples)])
    found = [_interval(*each) for each in zip(whole, drawn_again.T, strict=True)]
    ways = {
        each.way: {value: found[columns[each.way, value]] for value in each.values}
        for each in queries
    }
    return Intervals(ways, dict(zip(sums, found[len(columns) :], strict=True)), many, resamples)


def _interval(of: float, drawn_again: Values) -> Interval:
    rising = np.sort(drawn_again[~np.isnan(drawn_again)])
    tail = (1 - PERCENT / 100) / 2
    low, high = (rising[ceil(round(len(rising) * p, 6)) - 1] for p in (tail, 1 - tail))
    return Interval(float(of), float(low), float(high))


def _ends(values: Mapping[str, Interval]) -> dict[str, list[float]]:
    return {name: [each.low, each.high] for name, each in values.items()}
