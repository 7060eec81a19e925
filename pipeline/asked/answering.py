"""An answer: the one that is there, or a new one where it no longer answers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.leftovers import tidy
from core.predictions import Prediction
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
    """Write what was predicted and each query's values, then the report that names these files."""
    table = report.table(facts["asked"]["split"])
    told = {"notes": report.notes(), "table": table, "line": line}
    with writing(folder):
        files = prediction.save(folder) | save_queries(folder, report.queries())
        return keep(folder, {**report.facts, **facts, **told}, files)
