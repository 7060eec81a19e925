"""A sweep as files: ``sweep.json``, sealed, which programs read, and ``sweep.csv``, the table.

WORK/sweeps/NAME-DIGEST/
  sweep.json   what was asked, each point, each configuration, what was chosen, and its test
  sweep.csv    a line a configuration: mean and deviation of each number
  sweep.png    a point a seed (``pipeline.plots.sweep``)
  sweep-along.png   where one number tells the configurations apart (``pipeline.plots.along``)
  study.log    of a study: Optuna's journal of its trials
"""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.files import plain_name, write_bytes
from core.sealed import write_sealed
from pipeline.sweeps.choice import Chosen
from pipeline.sweeps.examined import Examined
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.rows import Row, Spread
from pipeline.sweeps.taken import Taken

SWEEPS = "sweeps"
"""Where sweeps are below a work folder."""
FORMAT = "tencrop-sweep/1"
JSON, CSV = "sweep.json", "sweep.csv"


def folder_of(sweep: Sweep, work: Path) -> Path:
    """Readable, and unique by what the file says."""
    return work / SWEEPS / f"{plain_name(sweep.name)}-{sweep.digest[:8]}"


def keep(
    folder: Path,
    sweep: Sweep,
    rows: Sequence[Row],
    chosen: Sequence[Chosen],
    examined: Sequence[Examined],
) -> None:
    """Write ``sweep.json`` and ``sweep.csv``, each whole or not at all."""
    content = {
        "format": FORMAT,
        "asked": sweep.asked,
        "data": str(sweep.data),
        "points": [_point(each, folder) for row in rows for each in row.taken],
        "configurations": [_row(row) for row in rows],
        "chosen": [_chosen(each) for each in chosen],
        "test": [_examined(each, folder) for each in examined],
    }
    write_sealed(folder / JSON, content)
    write_bytes(folder / CSV, _csv(rows, chosen).encode())


def _point(taken: Taken, folder: Path) -> dict[str, Any]:
    """The run's path is from the sweep's folder, so that both may move together."""
    return {
        **taken.point.configuration.to_json(),
        "seed": taken.point.seed,
        "run": _from(folder, taken.run) if taken.run else None,
        "best_epoch": taken.best_epoch,
        "validation": dict(taken.scores),
        "train_seconds": taken.seconds,
        "failed": taken.failed or None,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        **row.configuration.to_json(),
        "seeds": [each.point.seed for each in row.runs],
        "failed": len(row.taken) - len(row.runs),
        "validation": _spreads(row.spreads),
    }


def _chosen(chosen: Chosen) -> dict[str, Any]:
    return {**chosen.row.configuration.to_json(), "of": chosen.group, "missing": chosen.missing}


def _examined(examined: Examined, folder: Path) -> dict[str, Any]:
    return {
        **_chosen(examined.chosen),
        "measures": _spreads(examined.measures),
        "reports": [_from(folder, Path(report)) for report in examined.reports],
    }


def _spreads(spreads: Mapping[str, Spread]) -> dict[str, Any]:
    return {name: asdict(spread) for name, spread in spreads.items()}


def _from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _csv(rows: Sequence[Row], chosen: Sequence[Chosen]) -> str:
    """A line a configuration; a setting that it does not say is empty."""
    best = [each.row for each in chosen]
    keys = list(dict.fromkeys(key for row in rows for key, _ in row.configuration.stated))
    names = list(dict.fromkeys(name for row in rows for name in row.spreads))
    parts = ("mean", "deviation")
    values = [f"{name}_{part}" for name in names for part in parts]
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["group", "recipe", "caches", *keys, "seeds", "failed", "chosen", *values])
    for row in rows:
        each, spreads = row.configuration, row.spreads
        told = dict(each.stated)
        lines.writerow(
            [
                *(each.group, each.recipe, " ".join(cache.name for cache in each.caches)),
                *(told.get(key, "") for key in keys),
                *(len(row.runs), len(row.taken) - len(row.runs), int(row in best)),
                *(
                    getattr(spreads[name], part) if name in spreads else ""
                    for name in names
                    for part in parts
                ),
            ]
        )
    return text.getvalue()
