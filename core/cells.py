"""Pictures in the cells of Parquet tables: read again, a window of rows at a time, when needed."""

import errno
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from core.files import IrregularFile
from core.parquet import WINDOW, open_parquet
from core.spool import Spool

KEPT = 2**27
"""Bytes of the rows that are kept."""
OPEN = 8
"""Tables that are open at the same time."""
LARGE = 2**26
"""Bytes of a row group from which on it is read once into a temporary file: to find each of its
rows from its first one on would take hours."""

_opening = Lock()


@dataclass(frozen=True, slots=True)
class Cell:
    """The picture in ``row`` (of the whole file, from 0) of the column ``column``.

    ``column`` is a binary one, or one such field of a struct: ``image.bytes``.
    """

    file: Path
    column: str
    row: int

    def __str__(self) -> str:
        """As a message names it."""
        return f"{self.file} (row {self.row})"


def cell_bytes(cell: Cell) -> bytes:
    """The bytes in a cell.

    Raises:
        IrregularFile: there are none: the cell is empty, or the table ends before it.
        InputError: the table is damaged, or pyarrow is not installed.
        OSError: as ``open`` does.
    """
    with _opening:  # else threads that ask at once would each open the table and spool its rows
        column = _column(cell.file, cell.column, *version(cell.file))
    found = column.get(cell.row)
    if found is None:
        raise IrregularFile(errno.EINVAL, "has no picture in this row", str(cell.file))
    return found


def version(file: Path) -> tuple[int, int, int]:
    """What tells a file from what is written in its place later.

    Raises:
        OSError: as ``stat`` does.
    """
    facts = file.stat()
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


class _Column:
    """One column of a table, walked forwards; rows that were met a moment ago are kept."""

    def __init__(self, file: Path, column: str):
        self._table = open_parquet(file)
        self._column = column
        self._lock = Lock()
        self._spools: dict[int, Spool] = {}
        self._kept: OrderedDict[int, list[bytes | None]] = OrderedDict()
        self._walk: Iterator[tuple[int, list[bytes | None]]] = iter(())
        self._next = self._group = -1

    def get(self, row: int) -> bytes | None:
        with self._lock:
            for start, values in reversed(self._kept.items()):
                if start <= row < start + len(values):
                    return values[row - start]
            return self._find(row)

    def _find(self, row: int) -> bytes | None:
        group, first = self._table.group_of(row)
        if group < 0:
            return None
        if self._table.size(self._column, group) >= LARGE:
            return self._spooled(group, first)[row - first]
        if group != self._group or self._next > row:
            self._group, self._next = group, first
            self._walk = self._table.windows(self._column, group, first, WINDOW)
        for start, values in self._walk:
            self._next = start + len(values)
            self._keep(start, values)
            if row < self._next:
                return values[row - start]
        return None

    def _spooled(self, group: int, first: int) -> Spool:
        if group not in self._spools:
            windows = self._table.windows(self._column, group, first, WINDOW)
            self._spools[group] = Spool(value for _, values in windows for value in values)
        return self._spools[group]

    def _keep(self, start: int, values: list[bytes | None]) -> None:
        self._kept[start] = values
        self._kept.move_to_end(start)
        held = sum(_size(each) for each in self._kept.values())
        while held > KEPT and len(self._kept) > 1:
            held -= _size(self._kept.popitem(last=False)[1])


def _size(values: list[bytes | None]) -> int:
    return sum(len(value) for value in values if value)


@lru_cache(maxsize=OPEN)
def _column(file: Path, column: str, *_version: int) -> _Column:
    return _Column(file, column)
