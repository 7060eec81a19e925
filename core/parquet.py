"""Parquet tables through pyarrow, which is optional: columns, and rows a window at a time."""

import bisect
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.files import open_regular

BUFFER = 2**20  # bytes that are read of a column at once
WINDOW = 2**23  # bytes of the rows that are decoded at once, at least one


class Table:
    """A Parquet file.

    Attributes:
        file: its path.
        rows: how many it has.
        types: the type of each column, and of each field of a struct as ``column.field``: in
            Arrow's words (``string``, ``binary``, ``list<element: string>``).
        twice: the names among these that two columns have, so that neither can be asked for.
    """

    def __init__(self, file: Path, source: Any):
        """Of an open ``pyarrow.parquet.ParquetFile``."""
        self.file = file
        self._source = source
        metadata = source.metadata
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        self._first = [0, *accumulate(group.num_rows for group in groups)]
        self._groups = groups
        self.rows = self._first[-1]
        told = list(_types("", source.schema_arrow))
        self.types = dict(told)
        self.twice = {name for name, many in Counter(n for n, _ in told).items() if many > 1}

    def group_of(self, row: int) -> tuple[int, int]:
        """The row group of ``row``, and its first row; (-1, 0) where there is no such row."""
        if not 0 <= row < self.rows:
            return -1, 0
        group = bisect.bisect_right(self._first, row) - 1
        return group, self._first[group]

    def values(self, column: str) -> Iterator[Any]:
        """All values of a column in order, as Python's; of a binary one they are not asked."""
        with _faults(self.file):
            for batch in self._source.iter_batches(columns=[column], use_threads=False):
                yield from _leaf(batch, column).to_pylist()

    def windows(
        self, column: str, group: int, first: int, size: int
    ) -> Iterator[tuple[int, list[bytes | None]]]:
        """The binary values of a row group, a few rows at a time: (first row, values)."""
        rows = max(1, self._groups[group].num_rows)
        step = max(1, size * rows // max(1, self.size(column, group)))
        with _faults(self.file):
            for batch in self._source.iter_batches(
                batch_size=min(step, rows), row_groups=[group], columns=[column], use_threads=False
            ):
                values = _leaf(batch, column).to_pylist()
                yield first, values
                first += len(values)

    def filled(self, column: str) -> Iterator[bool]:
        """Whether each row has a value; of groups that do not say it, the values are read."""
        for group, found in enumerate(self._groups):
            nulls = self._nulls(column, group)
            if nulls in (0, found.num_rows):
                yield from [not nulls] * found.num_rows
                continue
            for _, values in self.windows(column, group, 0, WINDOW):
                yield from (value is not None for value in values)

    def sizes(self, column: str) -> list[int]:
        """The bytes of a column in each row group."""
        return [self.size(column, group) for group in range(len(self._groups))]

    def size(self, column: str, group: int) -> int:
        """The bytes of a column in a row group."""
        return sum(leaf.total_uncompressed_size for leaf in self._leaves(column, group))

    def _nulls(self, column: str, group: int) -> int | None:
        told = [leaf.statistics for leaf in self._leaves(column, group)]
        known = [each.null_count for each in told if each is not None and each.has_null_count]
        return known[0] if known else None

    def _leaves(self, column: str, group: int) -> list[Any]:
        found = self._groups[group]
        leaves = (found.column(number) for number in range(found.num_columns))
        return [leaf for leaf in leaves if leaf.path_in_schema == column]


def open_parquet(file: Path) -> Table:
    """The table in ``file``; only what it says of itself is read.

    Raises:
        InputError: it is no Parquet, damaged or encrypted, or pyarrow is not installed.
        OSError: it cannot be read, or is no regular file.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError(
            f"{file}: Parquet tables are read with pyarrow, which is not installed; type "
            "make setup EXTRAS=1"
        ) from None
    open_regular(file).close()
    with _faults(file):
        source = parquet.ParquetFile(
            pyarrow.OSFile(str(file)), buffer_size=BUFFER, pre_buffer=False
        )
        _refuse_signed(file, source.metadata.serialized_size)
        return Table(file, source)


def _refuse_signed(file: Path, size: int) -> None:
    """Refuse a footer that is followed by a signature: then columns may be encrypted.

    To ask such a column how large it is would end the process, without an exception.
    """
    with open_regular(file) as stream:
        stream.seek(-8, io.SEEK_END)
        if int.from_bytes(stream.read(4), "little") != size:
            raise InputError(f"{file}: its columns are encrypted; write it again without that")


def _types(prefix: str, fields: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for field in fields:
        yield prefix + field.name, str(field.type)
        if hasattr(field.type, "get_field_index") and str(field.type).startswith("struct"):
            yield from _types(f"{prefix}{field.name}.", field.type)


def _leaf(batch: Any, column: str) -> Any:
    """The column of a batch, or the field of a struct; where the struct is null, its fields are."""
    import pyarrow.compute as compute

    first, *inner = column.split(".") if column not in batch.schema.names else [column]
    values = batch.column(batch.schema.names.index(first))
    return compute.struct_field(values, inner) if inner else values


@contextmanager
def _faults(file: Path) -> Iterator[None]:
    """What pyarrow says of a damaged table, as an error of ours; short memory stays what it is."""
    import pyarrow

    try:
        yield
    except Exception as error:  # what ends a walk that nobody goes on with is none
        of_the_system = isinstance(error, OSError) and error.errno
        known = (pyarrow.ArrowException, OSError, UnicodeDecodeError)
        if of_the_system or not isinstance(error, known):
            raise
        if isinstance(error, MemoryError):
            raise
        told = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(
            f"{file}: no sound Parquet table ({told}); copy or write it again"
        ) from error
