"""The formats of an export: a side as the files of each, in a folder."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.files import replace_file
from core.matrix_written import write_header, write_rows
from core.parquet_written import require_pyarrow, write_parquet
from pipeline.exported.rows import VECTOR, ExportedSide

METADATA = "tencrop"
"""The name under which a Parquet table says what it is."""


def as_parquet(side: ExportedSide, folder: Path, facts: Mapping[str, Any]) -> list[str]:
    """``SIDE.parquet``: a row an item, its vector as a list of float32 of a fixed size."""
    name = f"{side.name}.parquet"
    told = {METADATA: json.dumps(facts, sort_keys=True, ensure_ascii=False)}
    with replace_file(folder / name) as stream:
        columns = {**side.columns, VECTOR: side.width}
        write_parquet(stream, columns, side.groups(), told)
    return [name]


def as_npy(side: ExportedSide, folder: Path, facts: Mapping[str, Any]) -> list[str]:
    """``SIDE.npy`` (n, D) float32, and ``SIDE.jsonl``, a line of JSON for each row of it."""
    del facts  # they stand in the file beside
    names = [f"{side.name}.npy", f"{side.name}.jsonl"]
    shape = (len(side.rows), side.width)
    with (
        replace_file(folder / names[0], size=4 * shape[0] * shape[1]) as numbers,
        replace_file(folder / names[1]) as lines,
    ):
        write_header(numbers, *shape)
        for group in side.groups():
            write_rows(numbers, np.asarray(group[VECTOR]))
            rows = zip(*(group[name] for name in side.columns), strict=True)
            for values in rows:
                told = dict(zip(side.columns, values, strict=True))
                lines.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
    return names


FORMATS: dict[str, Callable[[ExportedSide, Path, Mapping[str, Any]], list[str]]] = {
    "parquet": as_parquet,
    "npy": as_npy,
}
"""By the value of ``--as``; each returns the names of the files that it wrote."""


def require(name: str) -> None:
    """Refuse a format whose library is missing, before anything is computed.

    Raises:
        InputError: it is.
    """
    if name == "parquet":
        require_pyarrow()
