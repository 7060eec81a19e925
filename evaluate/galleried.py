"""A report with the gallery's bias, and beside it the same measures without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from evaluate.queries import Queries
from evaluate.report import Report
from evaluate.statistics.bootstrap import Interval

Row = TypeVar("Row")

WITHOUT = "without"
"""Ends the names of the ways whose values are without the bias."""


@dataclass(frozen=True)
class Galleried(Report):
    """``facts``: those with the bias, and as ``without`` all of those by the plain similarity.

    ``chosen`` is false where no bias was chosen: both are one then, and one is shown.
    """

    biased: Report
    without: Report
    said: str
    chosen: bool = True

    @staticmethod
    def of(biased: Report, without: Report, said: str, *, chosen: bool = True) -> "Galleried":
        """Both of one protocol; ``said`` are the bias's numbers and its bank in words."""
        how = f"gallery bias chosen: {said}; the numbers under `without` are the same"
        if chosen:
            how = (
                f"gallery bias on ({said}): another scoring rule than the plain one, whose numbers "
                "stand under `without`"
            )
        protocol = f"{biased.facts['protocol']}; {how}"
        facts = {**biased.facts, "protocol": protocol, "without": without.facts}
        return Galleried(facts, biased.score, biased, without, said, chosen)

    def scores(self) -> dict[str, float]:
        """Those with the bias."""
        return self.biased.scores()

    def headline(self) -> str:
        """With the bias and without."""
        if not self.chosen:
            return self.without.headline()
        return f"{self.biased.headline()}, without the bias {self.without.headline()}"

    def table(self, title: str) -> str:
        """Both tables, that with the bias first, and what the bias is."""
        if not self.chosen:
            return f"{self.without.table(title)}\ngallery's bias chosen: {self.said}"
        return "\n".join(
            [
                self.biased.table(f"{title} with the gallery's bias"),
                self.without.table(f"{title} without"),
                f"gallery's bias: {self.said}",
                "with it and without are two scoring rules: compare like with like",
            ]
        )

    def title(self, told: str) -> str:
        """That of both."""
        return self.biased.title(told)

    def parts(self) -> dict[str, dict[str, float]]:
        """The rows with the bias, and those without."""
        return {**self.biased.parts(), **_without(self.without.parts())}

    def with_intervals(self) -> Self:
        """Those with the bias, and under ``without`` those without."""
        biased, without = self.biased.with_intervals(), self.without.with_intervals()
        told = {k: v for k, v in biased.facts.items() if k == "intervals"}
        facts = {**self.facts, **told, "without": without.facts}
        return replace(
            self, biased=biased, without=without, facts=facts, intervals=biased.intervals
        )

    def bounds(self) -> Mapping[str, Mapping[str, Interval]]:
        """Of the rows with the bias, and of those without."""
        return {**self.biased.bounds(), **_without(self.without.bounds())}

    def queries(self) -> Sequence[Queries]:
        """Those with the bias."""
        return self.biased.queries()

    def rows(self) -> Mapping[str, str]:
        """Those of both."""
        return self.biased.rows()

    def beside(self) -> Sequence[Queries]:
        """Those without: of ``i2t`` as ``i2twithout``."""
        return [replace(each, way=f"{each.way}{WITHOUT}") for each in self.without.queries()]

    def appendix(self) -> list[str]:
        """That with the bias; the one without is in its table."""
        return self.biased.appendix()

    def setting(self) -> str:
        """That of both."""
        return self.biased.setting()

    def chance(self) -> str:
        """A blind guess reaches the same by both."""
        return self.biased.chance()

    def notes(self) -> list[str]:
        """What holds of both."""
        return self.biased.notes()


def _without(rows: Mapping[str, Row]) -> dict[str, Row]:
    return {f"{name}, without the bias": row for name, row in rows.items()}
