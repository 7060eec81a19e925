"""Where a picture's bytes are: a file, a part of one, or a cell of a table; opened in one way.

The bytes of a vector that somebody else made are at such a place too: a row of a matrix.
"""

import errno
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from core.cells import Cell, cell_bytes
from core.files import MOST_BYTES, IrregularFile, naming, open_regular
from core.matrices import Row, row_bytes


@dataclass(frozen=True, slots=True)
class Part:
    """``length`` bytes of ``file`` from ``offset`` on: a member of a tar, read where it lies."""

    file: Path
    offset: int
    length: int

    def __str__(self) -> str:
        """As a message names it."""
        return f"{self.file} (bytes {self.offset} to {self.offset + self.length})"


Place = Path | Part | Cell | Row
"""A whole file is its path; a row of a matrix is a vector, and no picture."""


def file_of(place: Place) -> Path:
    """The file on disk that holds the bytes of ``place``."""
    return place if isinstance(place, Path) else place.file


def size_of(place: Place) -> int:
    """How many bytes are there; 0 where that is not known before they are read.

    Raises:
        OSError: as ``stat`` does.
    """
    if isinstance(place, Path):
        return place.stat().st_size
    return place.length if isinstance(place, Part) else 0


def order_of(place: Place) -> tuple[str, int]:
    """A key by which places that are sorted are read forwards."""
    if isinstance(place, Path):
        return str(place), 0
    return str(place.file), place.offset if isinstance(place, Part) else place.row


def open_place(place: Place, *, most: int = MOST_BYTES) -> io.BufferedIOBase:
    """Open what is at ``place`` for reading, from its first byte to its last.

    Raises:
        IrregularFile: what holds it is no regular file, or ends before it does; or it is of more
            than ``most`` bytes.
        OSError: as ``open`` does.
    """
    if isinstance(place, Path):
        return open_regular(place, most=most)
    if isinstance(place, Cell | Row):
        data = cell_bytes(place) if isinstance(place, Cell) else row_bytes(place)
        _refuse_large(len(data), most, place.file)
        return io.BytesIO(data)
    _refuse_large(place.length, most, place.file)
    stream = open_regular(place.file)
    try:
        if place.offset + place.length > stream.seek(0, io.SEEK_END):
            raise IrregularFile(errno.EINVAL, "ends inside the picture", str(place.file))
        stream.seek(place.offset)
    except BaseException:
        stream.close()
        raise
    return io.BufferedReader(_Bounded(stream, place.length))


def read_place(place: Place, *, most: int = MOST_BYTES) -> bytes:
    """All bytes at ``place`` (see ``open_place``)."""
    with naming(file_of(place)), open_place(place, most=most) as stream:
        return stream.read()


def place_sha256(place: Place, *, most: int = MOST_BYTES) -> str:
    """The SHA-256 of the bytes at ``place``, in hexadecimal: the same wherever they lie."""
    with naming(file_of(place)), open_place(place, most=most) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_large(size: int, most: int, file: Path) -> None:
    if size > most:
        raise IrregularFile(errno.EFBIG, f"is larger than {most:,} bytes", str(file))


class _Bounded(io.RawIOBase):
    """The next ``length`` bytes of a stream, which is closed with this one."""

    def __init__(self, stream: io.BufferedReader, length: int):
        self._stream, self._left = stream, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
