"""What a protocol says of a prediction."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from evaluate.queries import Queries
from evaluate.statistics.bootstrap import PERCENT, Interval, Intervals, Weights, intervals

CLOSENESS = "similarity_"
"""Begins the names of scores that say how close pairs are, and nothing of ranks."""


def of_ranks(scores: Mapping[str, float]) -> dict[str, float]:
    """The other scores: with the gallery's bias those are means of no similarity."""
    return {name: value for name, value in scores.items() if not name.startswith(CLOSENESS)}


@dataclass(frozen=True)
class Report(ABC):
    """What was measured; each protocol has its own table.

    ``facts``: JSON values, among them ``protocol``, a sentence, and ``protocol_name``. ``score``:
    what validation maximises. Which split it was is the caller's to add. ``intervals``: how sure
    the numbers are, of a report ``with_intervals``; to choose an epoch takes none.
    """

    facts: dict[str, Any]
    score: float
    intervals: Intervals | None = field(default=None, kw_only=True)

    @abstractmethod
    def scores(self) -> dict[str, float]:
        """For the log of a training, by flat names; ``score`` is among them."""

    @abstractmethod
    def headline(self) -> str:
        """For a person after an epoch: a few words, no line break."""

    @abstractmethod
    def table(self, title: str) -> str:
        """For a person at the end: lines under ``title``, without a final newline."""

    def title(self, told: str) -> str:
        """The first line of the table, that begins with ``told`` and a colon."""
        return f"{told}: {self.facts['protocol_name']}"

    def parts(self) -> dict[str, dict[str, float]]:
        """The rows of the table and their values by name; empty where it is no such table.

        Several reports with the same rows make one table.
        """
        return {}

    def queries(self) -> Sequence[Queries]:
        """One value a query of each way of asking; empty where nothing is asked query by query."""
        return []

    def rows(self) -> Mapping[str, str]:
        """Of each way of ``queries`` the row of ``parts`` that tells its numbers."""
        return {}

    def sums(self) -> Mapping[str, Weights]:
        """Each number, by its name, that is a sum of those of ``queries``, and their weights."""
        return {}

    def with_intervals(self) -> Self:
        """The same with the intervals of all that follows from ``queries``, in ``facts`` too."""
        queries = self.queries()
        if not queries:
            return self
        told = intervals(queries, self.sums())
        return replace(self, intervals=told, facts={**self.facts, "intervals": told.to_json()})

    def bounds(self) -> Mapping[str, Mapping[str, Interval]]:
        """The intervals of the numbers in ``parts``, by row and name, as far as they are known.

        A number that is not what its queries come to, such as a mean of several medians, has none.
        """
        ways, parts = self.intervals.ways if self.intervals else {}, self.parts()
        return {
            row: {k: v for k, v in ways[way].items() if k in parts[row] and v.is_of(parts[row][k])}
            for way, row in self.rows().items()
            if way in ways and row in parts
        }

    def within(self, name: str) -> str:
        """The interval of one of ``sums``, as ``95 %: 467.1-497.3``; empty where none is known."""
        found = self.intervals.sums.get(name) if self.intervals else None
        return f"{PERCENT} %: {found.told(1)}" if found else ""

    def beside(self) -> Sequence[Queries]:
        """The same queries by another scoring rule, under other names of their ways; or none."""
        return []

    def appendix(self) -> list[str]:
        """Lines that stand under the table, of what was asked for besides."""
        return []

    def setting(self) -> str:
        """For a person beside the table: how many ask how many, what is right, the rule of ties."""
        return ""

    def chance(self) -> str:
        """For a person beside the table: what a blind guess reaches; empty where unknown."""
        return ""

    def notes(self) -> list[str]:
        """Sentences for a person about numbers that say nothing, and why."""
        return []
