"""The table of a sweep for a person: a row a configuration, the chosen ones marked."""

import re
from collections.abc import Mapping, Sequence

from pipeline.sweeps.choice import Chosen
from pipeline.sweeps.examined import Examined
from pipeline.sweeps.labels import labels
from pipeline.sweeps.rows import SECONDS, Row, Spread

ALIKE = re.compile(r"rsum|similarity_.*")
"""Scores that have no column: the same as the score, or no measure of the answers."""
RANK = re.compile(r".*_rank")
"""Measures that sweep.json has alone: they would make the lines too long."""
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


def table_of_test(examined: Sequence[Examined]) -> str:
    """What was chosen on the test split: mean ± deviation over the seeds of each measure."""
    keys = [key for each in examined for key in each.measures if not RANK.fullmatch(key)]
    columns = list(dict.fromkeys(keys))
    called = labels([each.chosen.row.configuration for each in examined])
    rows = [
        [f"* {label}", str(len(each.chosen.row.taken)), *_cells(each.measures, columns)]
        for label, each in zip(called, examined, strict=True)
    ]
    return aligned([["  test", "seeds", *map(_head, columns)], *rows])


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
