"""The bytes of a record whose history grows: each row is rendered once, not anew each epoch."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import takewhile
from typing import NamedTuple

from core.files import canonical_json, json_bytes
from core.sealed import DIGEST
from train.record import Record, content_of, metrics_bytes

HISTORY = "history"


class Row(NamedTuple):
    """A row, and as what it stands in the metrics, in what is hashed, and in the record."""

    row: Mapping[str, float]
    line: bytes
    canonical: bytes
    indented: bytes

    @classmethod
    def of(cls, row: Mapping[str, float]) -> "Row":
        """Render it."""
        indented = json_bytes(row).rstrip(b"\n").replace(b"\n", b"\n  ")
        return cls(row, metrics_bytes([row]), canonical_json(row), indented)


class Growing:
    """``metrics_bytes`` and ``record_bytes`` of records, each with the rows of the one before.

    A row is known again by being the same object, of which nothing changes.
    """

    def __init__(self) -> None:
        """No row is known."""
        self._rows: list[Row] = []

    def metrics(self, history: Sequence[Mapping[str, float]]) -> bytes:
        """See ``train.record.metrics_bytes``."""
        return b"".join(each.line for each in self._of(history))

    def record(self, record: Record) -> bytes:
        """See ``train.record.record_bytes``.

        Keys are sorted: what stands before the rows and what stands after them are objects of their
        own, of which the braces between are cut off.
        """
        content = content_of(record)
        rows = self._of(content.pop(HISTORY))
        first = {key: value for key, value in content.items() if key < HISTORY}
        last = {key: value for key, value in content.items() if key > HISTORY}
        hashed = b",".join(each.canonical for each in rows)
        parts = canonical_json(first)[:-1], b',"history":[', hashed, b"],", canonical_json(last)[1:]
        first[DIGEST] = sha256(b"".join(parts)).hexdigest()
        shown = b",\n  ".join(each.indented for each in rows)
        listed = b"[\n  " + shown + b"\n ]" if rows else b"[]"
        return json_bytes(first)[:-3] + b',\n "history": ' + listed + b"," + json_bytes(last)[1:]

    def _of(self, history: Sequence[Mapping[str, float]]) -> list[Row]:
        both = zip(self._rows, history, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0].row is pair[1], both))
        self._rows = self._rows[:same] + [Row.of(row) for row in history[same:]]
        return self._rows
