"""A report of several models and of the mean of their similarities, in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from evaluate.queries import Queries
from evaluate.report import Report
from evaluate.statistics.bootstrap import Interval
from evaluate.table import under

AVERAGE = "average"


@dataclass(frozen=True)
class Several(Report):
    """``facts``: those of the average, and as ``each`` those of every model, in their order."""

    average: Report
    each: Sequence[Report]
    names: Sequence[str]
    remarks: Sequence[str]

    @staticmethod
    def of(
        average: Report, each: Sequence[Report], names: Sequence[str], remarks: Sequence[str] = ()
    ) -> "Several":
        """``each`` with the name of its model, all of one protocol and split.

        ``remarks`` are sentences about what is averaged.
        """
        facts = {**average.facts, "each": [report.facts for report in each]}
        return Several(facts, average.score, average, each, names, remarks)

    def with_intervals(self) -> Self:
        """Of the average, and of each."""
        average, each = self.average.with_intervals(), [one.with_intervals() for one in self.each]
        told = {k: v for k, v in average.facts.items() if k == "intervals"}
        facts = {**self.facts, **told, "each": [report.facts for report in each]}
        return replace(self, average=average, each=each, facts=facts, intervals=average.intervals)

    def scores(self) -> dict[str, float]:
        """Those of the average."""
        return self.average.scores()

    def headline(self) -> str:
        """That of the average."""
        return self.average.headline()

    def table(self, title: str) -> str:
        """For each row of a report one a model and one of the average; then what each comes to.

        What was asked for besides stands at the end, of the average alone.
        """
        labels = [*(f"run {number}" for number, _ in enumerate(self.each, start=1)), AVERAGE]
        reports = dict(zip(labels, [*self.each, self.average], strict=True))
        of = [*(f", {name}" for name in self.names), f" of these {len(self.each)}"]
        told = [
            f"{label}{name}: {r.headline()}"
            for (label, r), name in zip(reports.items(), of, strict=True)
        ]
        return "\n".join([*_together(title, reports), *told, *self.average.appendix()])

    def queries(self) -> Sequence[Queries]:
        """Those of the average."""
        return self.average.queries()

    def bounds(self) -> Mapping[str, Mapping[str, Interval]]:
        """Those of the average."""
        return self.average.bounds()

    def rows(self) -> Mapping[str, str]:
        """Those of the average."""
        return self.average.rows()

    def setting(self) -> str:
        """That of the average; all are asked alike."""
        return self.average.setting()

    def beside(self) -> Sequence[Queries]:
        """Those of the average."""
        return self.average.beside()

    def chance(self) -> str:
        """A blind guess reaches the same by all."""
        return self.average.chance()

    def notes(self) -> list[str]:
        """What holds of all, and the remarks."""
        return [*self.average.notes(), *self.remarks]


def _together(title: str, reports: Mapping[str, Report]) -> list[str]:
    """One table of all reports, where they have the parts of the average; else one after another.

    A part that the average lacks, as the bias of some models, is told in their headlines.
    """
    parts = {label: report.parts() for label, report in reports.items()}
    names = list(parts[AVERAGE])
    if not names or any(name not in part for part in parts.values() for name in names):
        return [report.table(f"{title}, {label}") for label, report in reports.items()]
    told = [reports[AVERAGE].title(title)]
    for name in names:
        bounds = {label: report.bounds().get(name, {}) for label, report in reports.items()}
        told += under(name, {label: part[name] for label, part in parts.items()}, bounds)
    return told
