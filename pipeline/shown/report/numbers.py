"""The table of a report: its numbers, how sure they are, and what a blind guess reaches."""

import re
from collections.abc import Mapping
from typing import Any

from evaluate.measured import SIZES, WAYS
from evaluate.table import COLUMNS, heading
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.given import Given
from pipeline.shown.table import box, table

MORE = {"each", "without", "folds", "ties"}
"""Fields of a report with a table of more rows."""
LEGEND = ("rsum ", "95 %: ")
"""How lines under a printed table begin that say more of it."""
GUESS = "a blind guess"
_POINT = re.compile(r"\w+_\d+")


def numbers(given: Given) -> Section:
    """The table, what its intervals are, and in what setting it was asked."""
    report = given.report
    plain = report["protocol_name"] == "retrieval" and not MORE & report.keys()
    shown = _table(report) if plain and not _curves(report) else _as_printed(report)
    legend = [line for line in report["table"].splitlines() if line.startswith(LEGEND)]
    told = [*(legend if plain else []), *report["line"].splitlines(), report["protocol"]]
    lines = [tag("p", line, class_="soft") for line in told]
    return Section("numbers", "Numbers", join(shown, *lines))


def _table(report: Mapping[str, Any]) -> Html:
    keys = [key for key in report["i2t"] if key not in SIZES]
    keys.sort(key=_order)
    bounds, blind = report.get("intervals", {}), report.get("chance", {})
    rows: list[list[str]] = []
    for way, name in WAYS.items():
        rows.append([name, *(_cell(report[way][key], key, bounds.get(way)) for key in keys)])
        if told := blind.get(way):
            cells = [f"{told[key]:.2g}" if key in told else "" for key in keys]
            rows.append([tag("small", GUESS), *(tag("small", cell) for cell in cells)])
    return table(["way", *map(heading, keys)], rows, label="Measures, both ways")


def _cell(value: float, key: str, bounds: Mapping[str, Any] | None) -> Html:
    places = 0 if key == "median_rank" and not value % 1 else 1
    if not bounds or key not in bounds:
        return tag("b", f"{value:,.{places}f}")
    low, high = (f"{each:,.{places}f}" for each in bounds[key])
    between = tag("small", f"{low} to {high}")
    return join(tag("b", f"{value:,.{places}f}"), tag("br"), between)


def _order(key: str) -> tuple[int, bool, str, int]:
    """Recalls by their K before the rest, ranks last."""
    letters = key.rstrip("0123456789")
    place = [*COLUMNS].index(key) + 1 if key in COLUMNS else 0
    return place, letters != "r", letters, int(key[len(letters) :] or 0)


def _curves(report: Mapping[str, Any]) -> bool:
    """Whether a measure is a curve, of which a table has a row a point."""
    return any(_POINT.fullmatch(key) for way in WAYS for key in report[way])


def _as_printed(report: Mapping[str, Any]) -> Html:
    return box(tag("pre", report["table"]), "Measures as they are printed")
