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
from pipeline.asked.answers import (
    is_writable,
    replaced,
    require_writable,
    still_answers,
    writing,
)
from pipeline.leaks.found import Leaks
from pipeline.said.progress import say


def answered(
    folder: Path,
    facts: Mapping[str, Any],
    answer: Callable[[], dict[str, Any]],
    outdated: Callable[[Mapping[str, Any]], str] = lambda report: "",
) -> dict[str, Any]:
    """The report in ``folder`` where it says all of ``facts``; else that of ``answer``.

    ``outdated`` may tell why a report that says all of them is made anew, where it can be written.

    Raises:
        RunError: the folder cannot be written, and where else it can.
    """
    tidy(folder)
    report = still_answers(folder, facts)
    why = outdated(report) if report and is_writable(folder) else ""
    if report and not why:
        say(f"nothing that the answer follows from has changed: it is that of {folder / REPORT}")
    else:
        require_writable(folder)
        if others := replaced(folder, facts):
            why = f"it was made with another {others}"
        if why:
            say(f"{folder / REPORT} is replaced: {why}")
        report = answer()
        say(f"written: {folder / REPORT} and what was predicted")
    for note in report["notes"]:
        say(note)
    return report


def kept(
    folder: Path,
    prediction: Prediction,
    report: Report,
    facts: Mapping[str, Any],
    line: str,
    leaks: Leaks | None = None,
) -> dict[str, Any]:
    """Write what was predicted and each query's values, then the report that names these files.

    Its numbers have intervals: a report that is kept is shown, one of an epoch is not. ``leaks`` is
    None where nobody knows of a training.
    """
    sure = report.with_intervals()
    title = facts["asked"]["split"] or "similarity"
    table = "\n".join([sure.table(title), *legend(sure)])
    notes = [*sure.notes(), *doubts(sure), *(leaks.notes() if leaks else [])]
    found = leaks.to_json() if leaks else None
    told = {"leaks": found, "notes": notes, "table": table, "line": line}
    with writing(folder):
        files = prediction.save(folder) | (leaks.save(folder) if leaks else {})
        files |= save_queries(folder, [*report.queries(), *report.beside()])
        return keep(folder, {**sure.facts, **facts, **told}, files)
