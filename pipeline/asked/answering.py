"""An answer: the one that is there, or a new one where it no longer answers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.leftovers import tidy
from core.predictions import Prediction
from evaluate.doubts import doubts, legend
from evaluate.kept import REPORT, keep
from evaluate.queries import save_queries
from evaluate.report import Report
from pipeline.asked.answers import replaced, require_writable, still_answers, writing
from pipeline.said.progress import say


def answered(
    folder: Path, facts: Mapping[str, Any], answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """The report in ``folder`` where it says all of ``facts``; else that of ``answer``.

    Raises:
        RunError: the folder cannot be written, and where else it can.
    """
    tidy(folder)
    report = still_answers(folder, facts)
    if report:
        say(f"nothing that the answer follows from has changed: it is that of {folder / REPORT}")
    else:
        require_writable(folder)
        if others := replaced(folder, facts):
            say(f"{folder / REPORT} is replaced: it was made with another {others}")
        report = answer()
        say(f"written: {folder / REPORT} and what was predicted")
    for note in report["notes"]:
        say(note)
    return report


def kept(
    folder: Path, prediction: Prediction, report: Report, facts: Mapping[str, Any], line: str
) -> dict[str, Any]:
    """Write what was predicted and each query's values, then the report that names these files.

    Its numbers have intervals: a report that is kept is shown, one of an epoch is not.
    """
    sure = report.with_intervals()
    table = "\n".join([sure.table(facts["asked"]["split"]), *legend(sure)])
    told = {"notes": [*sure.notes(), *doubts(sure)], "table": table, "line": line}
    with writing(folder):
        files = prediction.save(folder) | save_queries(
            folder, [*report.queries(), *report.beside()]
        )
        return keep(folder, {**sure.facts, **facts, **told}, files)
