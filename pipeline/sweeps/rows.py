"""Runs that differ in their seed alone as one row: mean and deviation of each number."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from pipeline.sweeps.points import Configuration
from pipeline.sweeps.taken import BIASED, Taken

SCORE, SECONDS = "score", "seconds"
SUMS = ("rsum", "map")
"""What a report has of all its ways in one number: six recalls added up, or the mean mAP."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of some numbers and their sample deviation (n - 1); None of a single one."""

    mean: float
    deviation: float | None

    @staticmethod
    def of(values: Sequence[float]) -> "Spread":
        """Of at least one value.

        Example:
            >>> Spread.of([1.0, 2.0, 3.0]), Spread.of([5.0])
            (Spread(mean=2.0, deviation=1.0), Spread(mean=5.0, deviation=None))
        """
        return Spread(fmean(values), stdev(values) if len(values) > 1 else None)

    def told(self, decimals: int = 1) -> str:
        """For a person.

        Example:
            >>> Spread(290.16, 0.9).told(), Spread(290.16, None).told(0)
            ('290.2 ± 0.9', '290')
        """
        mean = f"{self.mean:.{decimals}f}"
        return mean if self.deviation is None else f"{mean} ± {self.deviation:.{decimals}f}"


@dataclass(frozen=True, slots=True)
class Row:
    """A configuration with what became of each of its seeds."""

    configuration: Configuration
    taken: tuple[Taken, ...]

    @property
    def runs(self) -> list[Taken]:
        """Those that there is a run of."""
        return [each for each in self.taken if each.run]

    @property
    def whole(self) -> bool:
        """Whether every seed has a run."""
        return len(self.runs) == len(self.taken)

    @property
    def spreads(self) -> dict[str, Spread]:
        """Of each score of the validation that all runs have, and of the seconds of training."""
        return {
            **spreads([each.scores for each in self.runs]),
            **spreads([{SECONDS: each.seconds} for each in self.runs]),
        }

    @property
    def score(self) -> float:
        """The mean score, by which rows are compared; minus infinity without a run."""
        return fmean(each.scores[SCORE] for each in self.runs) if self.runs else -math.inf


def rows_of(taken: Iterable[Taken]) -> list[Row]:
    """The configurations in the order in which they were taken first."""
    found: dict[Configuration, list[Taken]] = {}
    for each in taken:
        found.setdefault(each.point.configuration, []).append(each)
    return [Row(configuration, tuple(each)) for configuration, each in found.items()]


def spreads(values: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Of each number that all have; ``score`` and ``SUMS`` first, ``r5`` before ``r10``."""
    names = set.intersection(*(set(each) for each in values)) if values else set()
    first = (SCORE, *SUMS)
    ordered = sorted(
        names, key=lambda name: (name not in first, name.startswith(BIASED), _natural(name))
    )
    return {name: Spread.of([each[name] for each in values]) for name in ordered}


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]
