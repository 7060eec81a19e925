"""Parquet tables written through pyarrow, which is optional: a group of rows at a time."""

from collections.abc import Iterable, Mapping
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from core.errors import InputError

Kind = Literal["text", "texts"] | int
"""What a column holds: a text or none, a list of texts, or vectors of so many float32."""
Group = Mapping[str, list[str | None] | list[list[str]] | npt.NDArray[np.float32]]
"""Some rows of each column; vectors are (n, D) float32."""


def require_pyarrow() -> Any:
    """pyarrow.

    Raises:
        InputError: it is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise InputError(
            "Parquet tables are written with pyarrow, which is not installed; install it, or "
            "choose another format",
            mend="pyarrow",
        ) from None
    return pyarrow


def write_parquet(
    stream: IO[bytes],
    columns: Mapping[str, Kind],
    groups: Iterable[Group],
    told: Mapping[str, str],
) -> int:
    """Write a table; one group of rows is in memory at a time.

    Vectors are lists of a fixed size in Arrow's words, which readers of Parquet alone see as lists.
    The same rows, and the same version of pyarrow, give the same bytes.

    Args:
        stream: an open file.
        columns: what each holds, in their order.
        groups: the rows, a row group of the table each; of all columns the same number.
        told: what the table says of itself, by name.

    Returns:
        How many rows were written.

    Raises:
        InputError: pyarrow is not installed.
    """
    arrow = require_pyarrow()
    from pyarrow import parquet

    types = {name: _type(arrow, kind) for name, kind in columns.items()}
    schema = arrow.schema(list(types.items()), metadata=dict(told))
    words = [name for name, kind in columns.items() if not isinstance(kind, int)]
    options = {"use_dictionary": words, "write_statistics": words}
    rows = 0
    with parquet.ParquetWriter(stream, schema, **options) as writer:
        for group in groups:
            arrays = [_array(arrow, group[name], types[name]) for name in columns]
            batch = arrow.record_batch(arrays, schema=schema)
            writer.write_table(arrow.Table.from_batches([batch]))
            rows += batch.num_rows
    return rows


def _type(arrow: Any, kind: Kind) -> Any:
    if isinstance(kind, int):
        return arrow.list_(arrow.float32(), kind)
    return arrow.string() if kind == "text" else arrow.list_(arrow.string())


def _array(arrow: Any, values: Any, kind: Any) -> Any:
    if isinstance(values, np.ndarray):
        flat = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)
        return arrow.FixedSizeListArray.from_arrays(arrow.array(flat), kind.list_size)
    return arrow.array(values, type=kind)
