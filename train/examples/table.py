"""The values of a source for some items, as float32, in RAM where they fit."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from core.sources import Rows, Source
from train.finite import Ids, refuse_values

RAM_BYTES = 4 << 30
"""Values that take no more than this as float32, those of all sources of a part together, are read
once; others at each batch."""
BLOCK_BYTES = 64 << 20  # of values that are on their way to a device


class Table:
    """Some rows of a source, numbered from 0."""

    def __init__(
        self,
        source: Source,
        rows: Rows,
        *,
        ids: Ids | None = None,
        ram_bytes: int | None = None,
    ):
        """Read ``rows`` now if they take at most ``ram_bytes`` and are the same at each visit.

        Args:
            source: where the values are.
            rows: (n,) int64, of the items.
            ids: (n,) their names, for messages; by default their rows.
            ram_bytes: ``RAM_BYTES`` by default.

        Raises:
            NumberError: a value is not finite; each time that one is read.
        """
        self._source, self._rows = source, rows
        self._ids = np.asarray(rows.astype(np.str_) if ids is None else ids)
        most = RAM_BYTES if ram_bytes is None else ram_bytes
        fits = bytes_of(source, len(rows)) <= most
        every = np.arange(len(rows))
        self._loaded = self._read(every, None) if fits and not source.varies else None

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._rows)

    def __getitem__(self, rows: Rows) -> Tensor:
        """The values (n, ...) float32 of these rows of the table."""
        return self.visit(rows, None)

    def visit(self, rows: Rows, draw: np.random.Generator | None) -> Tensor:
        """The values (n, ...) float32; ``draw`` marks a training visit, where a source may vary."""
        if self._loaded is None:
            return self._read(rows, draw)
        # With brackets it takes up to four times as long.
        return self._loaded.index_select(0, torch.from_numpy(rows))

    @property
    def varies(self) -> bool:
        """Whether a training visit may give another value than the one at test."""
        return bool(self._source.varies)

    @property
    def nbytes(self) -> int:
        """What all values take as they are stored."""
        return bytes_of(self._source, len(self)) // 4 * self._stored.itemsize

    def on(self, device: torch.device) -> Tensor:
        """All values (n, ...) on ``device``, of the dtype that they are stored in.

        Raises:
            NumberError: a value is not finite.
        """
        found = torch.empty((len(self), *self._source.shape), dtype=self._stored, device=device)
        size = max(1, BLOCK_BYTES // max(1, bytes_of(self._source, 1)))
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            found[start : start + len(rows)] = self[rows].to(self._stored)
        return found

    @property
    def _stored(self) -> torch.dtype:
        """Float16, or float32, which is what any other is read as."""
        first = np.asarray(self._source.read(self._rows[:1], None))
        return torch.float16 if first.dtype == np.float16 else torch.float32

    def _read(self, rows: Rows, draw: np.random.Generator | None) -> Tensor:
        values = self._source.read(self._rows[rows], draw)
        found = torch.from_numpy(np.asarray(values).astype(np.float32, copy=False))
        refuse_values(found, self._ids[rows], self._source)
        return found


def bytes_of(source: Source, items: int) -> int:
    """What so many items of a source take as float32."""
    return items * int(np.prod(source.shape)) * 4


class Tables:
    """The same items of several sources, side by side."""

    def __init__(self, sources: Sequence[Source], rows: Rows, ids: Ids | None = None):
        """Row i of the tables is ``rows`` (sources, n)[s, i] of source s, of the item ``ids[i]``.

        As many sources are read now as fit into ``RAM_BYTES``, the smallest first.

        Raises:
            NumberError: a value is not finite; each time that one is read.
        """
        self._count = int(rows.shape[1])
        left, fits = RAM_BYTES, [0] * len(sources)
        sizes = [0 if s.varies else bytes_of(s, self._count) for s in sources]
        for number in sorted(range(len(sources)), key=lambda number: sizes[number]):
            fits[number] = left
            left -= sizes[number]
        each = zip(sources, rows, fits, strict=True)
        self._tables = [Table(s, own, ids=ids, ram_bytes=most) for s, own, most in each]

    def __len__(self) -> int:
        """How many items there are."""
        return self._count

    def __getitem__(self, rows: Rows) -> tuple[Tensor, ...]:
        """The values (n, ...) float32 of these rows, of each source."""
        return self.visit(rows, None)

    def visit(self, rows: Rows, draw: np.random.Generator | None) -> tuple[Tensor, ...]:
        """The values (n, ...) float32 of each source; ``draw`` marks a training visit."""
        return tuple(table.visit(rows, draw) for table in self._tables)

    @property
    def varies(self) -> bool:
        """Whether a training visit of a source may give another value than the one at test."""
        return any(table.varies for table in self._tables)

    @property
    def nbytes(self) -> int:
        """What all values take as they are stored."""
        return sum(table.nbytes for table in self._tables)

    def on(self, device: torch.device) -> list[Tensor]:
        """All values (n, ...) of each source on ``device``, of the dtype that they are stored in.

        Raises:
            NumberError: a value is not finite.
        """
        return [table.on(device) for table in self._tables]

    def blocks(self, size: int) -> Iterator[tuple[Tensor, ...]]:
        """All values in their order: of at most ``size`` items at a time, (n, ...) float32 each."""
        for start in range(0, len(self), size):
            yield self[np.arange(start, min(start + size, len(self)))]
