"""What a protocol says of a prediction."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluate.queries import Queries

CLOSENESS = "similarity_"
"""Begins the names of scores that say how close pairs are, and nothing of ranks."""


def of_ranks(scores: Mapping[str, float]) -> dict[str, float]:
    """The other scores: with the gallery's bias those are means of no similarity."""
    return {name: value for name, value in scores.items() if not name.startswith(CLOSENESS)}


@dataclass(frozen=True)
class Report(ABC):
    """What was measured; each protocol has its own table.

    ``facts``: JSON values, among them ``protocol``, a sentence, and ``protocol_name``. ``score``:
    what validation maximises. Which split it was is the caller's to add.
    """

    facts: dict[str, Any]
    score: float

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
