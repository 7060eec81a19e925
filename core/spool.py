"""Values that are too large to keep and too slow to find again: in a file without a name."""

import os
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from core.files import TEMPORARY


class Spool:
    """Values by their number, on the disk of the system's temporary folder while this lives."""

    def __init__(self, values: Iterable[bytes | None]):
        """Write ``values``, in order.

        Raises:
            OSError: they do not fit there; it names the folder.
        """
        self._handle, name = tempfile.mkstemp(prefix=TEMPORARY)
        Path(name).unlink()
        weakref.finalize(self, os.close, self._handle)
        self._ends = [0]
        self._none: set[int] = set()
        for number, value in enumerate(values):
            self._write(value or b"")
            if value is None:
                self._none.add(number)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._handle, left) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from error
        self._ends.append(self._ends[-1] + len(data))

    def __getitem__(self, number: int) -> bytes | None:
        """The value of this number, from 0."""
        start, end = self._ends[number], self._ends[number + 1]
        return None if number in self._none else os.pread(self._handle, end - start, start)
