"""What was chosen, asked about the test split: the only place of a sweep that looks there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sealed import read_sealed
from evaluate.kept import REPORT
from evaluate.measured import SIZES, WAYS
from pipeline.memory.once import Once
from pipeline.stages.evaluate import evaluate
from pipeline.stages.terms import Question, Terms
from pipeline.sweeps.choice import Chosen
from pipeline.sweeps.rows import SUMS, Spread, spreads
from pipeline.sweeps.taken import BIASED


@dataclass(frozen=True, slots=True)
class Examined:
    """A chosen configuration with each measure's spread over its seeds.

    ``reports`` are the folders of the reports, one a seed.
    """

    chosen: Chosen
    measures: Mapping[str, Spread]
    reports: tuple[str, ...]


def examine(chosen: Chosen, terms: Terms, once: Once) -> Examined:
    """Ask each seed's run of what was chosen, as ``evaluate`` does.

    Raises:
        TencropError: as ``pipeline.stages.evaluate.evaluate``.
    """
    answers = [
        evaluate(taken.run, Question(page=False), terms=terms, once=once)
        for taken in chosen.row.runs
        if taken.run
    ]
    measured = [measures(read_sealed(answer.folder / REPORT)) for answer in answers]
    return Examined(chosen, spreads(measured), tuple(str(answer.folder) for answer in answers))


def measures(report: Mapping[str, Any]) -> dict[str, float]:
    """The measures of a report by flat names, such as ``i2t_r1``; of ``SUMS`` those that it has.

    They are by the plain similarity; of a run with the gallery's bias those with it have ``BIASED``
    before their names.

    Example:
        >>> measures({"rsum": 12.0, "i2t": {"queries": 3, "gallery": 3, "r1": 4.0}, "seed": 1})
        {'rsum': 12.0, 'i2t_r1': 4.0}
    """
    if "without" in report:
        biased = {f"{BIASED}_{name}": value for name, value in _measures(report).items()}
        return _measures(report["without"]) | biased
    return _measures(report)


def _measures(report: Mapping[str, Any]) -> dict[str, float]:
    told = {name: report[name] for name in SUMS if name in report}
    for way in WAYS:
        told |= {f"{way}_{k}": v for k, v in report.get(way, {}).items() if k not in SIZES}
    return told
