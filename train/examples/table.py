"""The values of a source for some items, as float32, in RAM where they fit."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from core.sources import Rows, Source

RAM_BYTES = 4 << 30
"""Values that take no more than this as float32 are read once; others at each batch."""


class Table:
    """Some rows of a source, numbered from 0."""

    def __init__(self, source: Source, rows: Rows, *, ram_bytes: int = RAM_BYTES):
        """Read ``rows`` now if they take at most ``ram_bytes`` and are the same at each visit."""
        self._source, self._rows = source, rows
        fits = len(rows) * int(np.prod(source.shape)) * 4 <= ram_bytes
        self._loaded = self._read(rows, None) if fits and not source.varies else None

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._rows)

    def __getitem__(self, rows: Rows) -> Tensor:
        """The values (n, ...) float32 of these rows of the table."""
        return self.visit(rows, None)

    def visit(self, rows: Rows, draw: np.random.Generator | None) -> Tensor:
        """The values (n, ...) float32; ``draw`` marks a training visit, where a source may vary."""
        if self._loaded is None:
            return self._read(self._rows[rows], draw)
        return self._loaded[torch.from_numpy(rows)]

    def blocks(self, size: int) -> Iterator[Tensor]:
        """All values in their order, at most ``size`` items at a time."""
        for start in range(0, len(self), size):
            yield self[np.arange(start, min(start + size, len(self)))]

    def _read(self, rows: Rows, draw: np.random.Generator | None) -> Tensor:
        values = self._source.read(rows, draw)
        return torch.from_numpy(np.asarray(values).astype(np.float32, copy=False))
