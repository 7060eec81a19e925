"""Vectors that somebody else made as a source."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, NumberError
from core.files import json_sha256
from core.sources.source import Rows, refuse_no_rows, rows_of

BLOCK_BYTES = 1 << 24  # of mapped vectors looked at in one go


class StoredVectors:
    """Vectors that somebody else made, in memory or mapped, as a source; it never varies them.

    Attributes:
        ids: the items in row order.
        values: (N, ...) float32 or float16, the array that was given: nothing is copied.
    """

    def __init__(
        self,
        ids: Sequence[str],
        values: npt.NDArray[Any],
        made_by: Mapping[str, Any],
        digests: Sequence[str] | None = None,
    ):
        """Look at every value once, a block at a time.

        Args:
            ids: N, each another one.
            values: (N, ...) float32 or float16, finite.
            made_by: JSON facts: all that makes a value but which items there are.
            digests: the SHA-256 of each item's file, N; by default there are none.

        Raises:
            InputError: an id twice, another dtype, or lengths that do not fit.
            NumberError: a value is not finite.
        """
        self.ids, self.values = list(ids), values
        self.shape = tuple(values.shape[1:])
        self.made_by, self.encoder = made_by, json_sha256(made_by)
        self.varies = False
        self.settings: Mapping[str, Any] | None = None
        self.code: Mapping[str, str] | None = None
        self._row = {item: row for row, item in enumerate(self.ids)}
        self._digests = [""] * len(self.ids) if digests is None else list(digests)
        self._refuse_misfits()
        self._refuse_infinite()

    def __str__(self) -> str:
        """What they are, for messages."""
        return "the stored vectors"

    def rows(self, ids: Iterable[str]) -> Rows:
        """The row of each id, (n,) int64; -1 where there is no vector of it."""
        return rows_of(ids, self._row)

    def read(self, rows: Rows, draw: np.random.Generator | None = None) -> npt.NDArray[Any]:
        """The vectors of ``rows`` (n,): (n, *shape) as stored; ``draw`` is not used.

        Raises:
            CacheError: a row is no item.
        """
        refuse_no_rows("the stored vectors", rows, len(self.ids))
        return np.asarray(self.values[rows])

    def digests(self, rows: Rows) -> list[str]:
        """The SHA-256 of each item's file; "" where there is none.

        Raises:
            CacheError: a row is no item.
        """
        refuse_no_rows("the stored vectors", rows, len(self.ids))
        return [self._digests[row] for row in rows]

    def _refuse_misfits(self) -> None:
        count = len(self.ids)
        if self.values.ndim == 0 or {len(self.values), len(self._digests)} != {count}:
            raise InputError(
                f"stored vectors of shape {self.values.shape} and {len(self._digests)} digests for "
                f"{count} ids; give one row an id"
            )
        if self.values.dtype not in (np.float32, np.float16):
            raise InputError(
                f"stored vectors of {self.values.dtype}; convert them to float32 or float16"
            )
        if len(self._row) < count:
            twice = next(item for row, item in enumerate(self.ids) if self._row[item] != row)
            raise InputError(f"two stored vectors have the id {twice!r}; make the ids unique")

    def _refuse_infinite(self) -> None:
        row_bytes = max(1, self.values.nbytes // max(1, len(self.ids)))
        size = max(1, BLOCK_BYTES // row_bytes)
        for start in range(0, len(self.ids), size):
            block = self.values[start : start + size].reshape(-1, max(1, self._width()))
            finite = np.isfinite(block).all(axis=1)
            if not finite.all():
                item = self.ids[start + int(np.argmin(finite))]
                raise NumberError(
                    f"the stored vector of {item!r} holds values that are not finite; leave this "
                    "item out or make its vector again"
                )

    def _width(self) -> int:
        return int(np.prod(self.shape))
