"""What stands first: the one number of a report, and what it is of."""

from collections.abc import Mapping
from typing import Any

from core.wording import counted
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.given import Given

SUMS = {"rsum": "rsum", "map": "mAP", "map_r": "mAP@R"}
"""The number that a protocol sums its report up in, and what a person calls it."""


def title(given: Given) -> str:
    """What was asked about what, for the window too."""
    report = given.report
    split = report["split"] or "a matrix of similarities"
    corpus = f" of {report['corpus']['name']}" if report.get("corpus") else ""
    return f"{_named(report)}: {split}{corpus}"


def lead(given: Given) -> Html:
    """The number with its interval, and a sentence of what it is."""
    report = given.report
    sizes = [
        counted(report[key], noun)
        for key, noun in (("images", "picture"), ("captions", "caption"))
        if key in report
    ]
    state = "; ".join(filter(None, [_state(report), ", ".join(sizes)]))
    return join(*_sum(report), tag("p", state) if state else "")


def _sum(report: Mapping[str, Any]) -> list[Html]:
    key = next((key for key in SUMS if isinstance(report.get(key), float | int)), "")
    if not key:
        return []
    bounds = report.get("intervals", {}).get(key)
    within = f" 95 %: {bounds[0]:.1f} to {bounds[1]:.1f}" if bounds else ""
    whole = tag("b", f"{SUMS[key]} {report[key]:.1f}", class_="big")
    most = ", the sum of the six recalls, of at most 600" if key == "rsum" else " in percent"
    return [tag("p", whole, tag("span", f"{within}{most}", class_="soft"))]


def _state(report: Mapping[str, Any]) -> str:
    if isinstance(report["run"], list):
        return f"the mean of the similarities of {counted(len(report['run']), 'run')}"
    if "epoch" not in report:
        return ""
    done = "finished" if report["finished"] else f"not finished ({report['epochs_done']} done)"
    return f"epoch {report['epoch']} of {report['epochs']}, {done}" if report["epochs"] else done


def _named(report: Mapping[str, Any]) -> str:
    run = report["run"]
    return " and ".join(run) if isinstance(run, list) else str(run)
