"""What every source of a model's numbers is: values by the ids of their items."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.errors import CacheError

Rows = npt.NDArray[np.int64]


class Source(Protocol):
    """A layer of a cache, stored vectors, or pixels: values by the ids of their items.

    Its text (``str``), where it has one, is what messages call it.

    Attributes:
        encoder: the SHA-256 of ``made_by``; a model takes any items that have the same encoder.
        made_by: JSON facts: all that makes a value but which items there are.
        shape: of one item's value.
        varies: whether a training visit may give another value than the one at test.
        settings: what a person chose to make the values, as JSON; None where nobody did.
        code: module -> the digest of the code that made the values (``core.code``); None where that
            is not known.
    """

    encoder: str
    made_by: Mapping[str, Any]
    shape: tuple[int, ...]
    varies: bool
    settings: Mapping[str, Any] | None
    code: Mapping[str, str] | None

    def rows(self, ids: Iterable[str]) -> Rows:
        """The row of each id, (n,) int64; -1 where it has no value."""

    def read(self, rows: Rows, draw: np.random.Generator | None = None) -> npt.NDArray[Any]:
        """The values of ``rows`` (n,), in their order: (n, *shape).

        ``draw`` is given in a training visit: a source that varies its values takes all chance
        from it, and without it gives the same value each time.

        Raises:
            CacheError: a row is no item (-1 is none).
        """

    def digests(self, rows: Rows) -> list[str]:
        """The SHA-256 of each item's file, in hexadecimal; "" where there is none."""


def rows_of(ids: Iterable[str], row: Mapping[str, int]) -> Rows:
    """The row of each id, (n,) int64; -1 where ``row`` has none.

    Example:
        >>> rows_of(["b", "x"], {"a": 0, "b": 1}).tolist()
        [1, -1]
    """
    return np.array([row.get(item, -1) for item in ids], dtype=np.int64)


def refuse_no_rows(where: str, rows: Rows, count: int) -> None:
    """Refuse rows that are none of ``count`` items.

    Raises:
        CacheError: the first such row is named; -1 is what ``Source.rows`` gives for no item.
    """
    wrong = rows[(rows < 0) | (rows >= count)]
    if len(wrong):
        raise CacheError(
            f"{where}: row {wrong[0]} is no item; leave out what `rows` answers with -1"
        )
