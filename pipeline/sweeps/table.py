"""The table of a sweep for a person: a row a configuration, the chosen ones marked."""

import re
from collections.abc import Mapping, Sequence

from evaluate.measured import UNLOGGED
from pipeline.sweeps.choice import Chosen
from pipeline.sweeps.examined import Examined
from pipeline.sweeps.labels import labels
from pipeline.sweeps.points import Configuration
from pipeline.sweeps.rows import SECONDS, Row, Spread
from pipeline.sweeps.taken import BIASED

ALIKE = re.compile(rf"rsum|map|similarity_.*|{BIASED}_(?!score).*")
"""Scores that have no column: the same as the score, no measure of the answers, or too many."""
NONE = "-"


def table(rows: Sequence[Row], chosen: Sequence[Chosen]) -> str:
    """Validation: mean ± deviation over the seeds of each number, in the order of the rows."""
    spreads = [row.spreads for row in rows]
    keys = [key for each in spreads for key in each if not ALIKE.fullmatch(key)]
    columns = [*dict.fromkeys(key for key in keys if key != SECONDS), SECONDS]
    best = [each.row for each in chosen]
    told = zip(rows, labels([row.configuration for row in rows]), spreads, strict=True)
    lines = [
        [
            f"{'*' if row in best else ' '} {label}",
            f"{len(row.runs)} of {len(row.taken)}" if not row.whole else str(len(row.taken)),
            *_cells(own, columns),
        ]
        for row, label, own in told
    ]
    heads = ["  validation", "seeds", *map(_head, columns)]
    return aligned([heads, *lines])


def table_of_test(examined: Sequence[Examined], called: Mapping[Configuration, str]) -> str:
    """What was chosen on the test split: mean ± deviation over the seeds of each measure.

    With the gallery's bias a configuration has a second line: it is another scoring rule.
    """
    lines = [
        (f"{label}{how}", each, _under(prefix, each.measures))
        for each in examined
        for label in [f"* {called[each.chosen.row.configuration]}"]
        for prefix, how in (("", ""), (f"{BIASED}_", ", with the gallery's bias"))
    ]
    present = [(label, each, measures) for label, each, measures in lines if measures]
    columns = list(dict.fromkeys(key for *_, measures in present for key in measures))
    rows = [
        [label, str(len(each.chosen.row.taken)), *_cells(measures, columns)]
        for label, each, measures in present
    ]
    return aligned([["  test", "seeds", *map(_head, columns)], *rows])


def _under(prefix: str, measures: Mapping[str, Spread]) -> dict[str, Spread]:
    """Those whose names begin so, without it; with none, those of the plain similarity."""
    own = {
        name.removeprefix(prefix): spread
        for name, spread in measures.items()
        if (name.startswith(prefix) if prefix else not name.startswith(f"{BIASED}_"))
    }
    # The ranks are in sweep.json alone: they would make the lines too long.
    return {name: spread for name, spread in own.items() if name.partition("_")[2] not in UNLOGGED}


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns, the first to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(spreads: Mapping[str, Spread], columns: Sequence[str]) -> list[str]:
    return [spreads[key].told() if key in spreads else NONE for key in columns]


def _head(key: str) -> str:
    """Such as ``i2t R@1``."""
    return re.sub(r"\br(\d+)$", r"R@\1", key.replace("_", " "))
