"""Vectors in the rows of a matrix that somebody else made: mapped, never loaded.

It is a file, NumPy's ``.npy``, or a variable of one (``core.variables``). The format of the first
is NEP 1's: a magic word, a version, a header that is a Python literal, then the numbers. A header
may ask for pickled objects instead, which run what they like when they are read: such a file is
refused, and nothing here can unpickle.
"""

import math
import os
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from core.cells import version
from core.errors import InputError
from core.files import naming, open_regular
from core.variables import read_variable

TAKEN = ("float16", "float32", "float64")
WHOLE = "iub"
"""The kinds of numbers, besides, that are taken as float32: counts of words, tags of 0 and 1."""
OPEN = 16
"""Matrices that are mapped at the same time."""
_AXES = (2, 3)
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_OBJECTS = (
    "holds pickled Python objects, which may run any program when they are read, and are not; save "
    "numbers instead: np.save(FILE, np.stack(list(x)).astype('float32'))"
)
_opening = Lock()


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in ``row`` (from 0) of the matrix ``file``: a vector, or one a region.

    ``variable`` is the name of the matrix where the file holds several, else "".
    """

    file: Path
    row: int
    variable: str = ""

    def __str__(self) -> str:
        """As a message names it."""
        inside = f"{self.variable}, " if self.variable else ""
        return f"{self.file} ({inside}row {self.row})"


def row_bytes(place: Row) -> bytes:
    """The numbers of a row as float32, little-endian, the last axis fastest.

    They are the same whatever the precision, byte order and order of axes they are kept in, as long
    as float32 has these numbers.

    Raises:
        InputError: as ``open_matrix`` does, or the matrix ends before the row.
        OSError: as ``open`` does.
    """
    matrix = open_matrix(place.file, place.variable)
    if place.row >= len(matrix):
        raise InputError(f"{place} is not there: it has {len(matrix):,} rows; put the file back")
    with np.errstate(over="ignore"):  # which an import refuses
        values: npt.NDArray[np.float32] = matrix[place.row].astype("<f4")
    return values.tobytes()


def open_matrix(file: Path, variable: str = "") -> npt.NDArray[Any]:
    """The matrix in ``file``, mapped and read-only: (N, D) or (N, R, D) of ``TAKEN`` or
    ``WHOLE``.

    Raises:
        InputError: it is no such file, is cut off, or holds something else than such numbers.
        OSError: as ``open`` does.
    """
    found = open_numbers(file, variable)
    _refuse_other(titled(file, variable), found.shape, found.dtype)
    return found


def open_numbers(file: Path, variable: str = "") -> npt.NDArray[Any]:
    """Numbers of any kind and shape, such as labels, mapped and read-only.

    Raises:
        InputError: it is no such file, is cut off, or holds no numbers.
        OSError: as ``open`` does.
    """
    with _opening:
        return (_mapped if not variable else _read)(file, variable, *version(file))


def titled(file: Path, variable: str = "") -> str:
    """As a message names a matrix."""
    return f"{variable} of {file}" if variable else str(file)


@lru_cache(maxsize=OPEN)
def _read(file: Path, variable: str, *_version: int) -> npt.NDArray[Any]:
    found = read_variable(file, variable)
    _refuse_no_numbers(titled(file, variable), found.dtype)
    return found


@lru_cache(maxsize=OPEN)
def _mapped(file: Path, *_version: int | str) -> npt.NDArray[Any]:
    with naming(file), open_regular(file) as stream:
        shape, fortran, dtype = _header(file, stream)
        if dtype.hasobject:
            raise InputError(f"{file} {_OBJECTS}")
        _refuse_no_numbers(str(file), dtype)
        offset, size = stream.tell(), os.fstat(stream.fileno()).st_size
        needed = offset + math.prod(shape) * dtype.itemsize
        if size != needed:
            raise InputError(
                f"{file} is damaged or cut off: it has {size:,} bytes, and {_said(shape)} of "
                f"{dtype.name} need {needed:,}; fetch or save it again"
            )
        if 0 in shape:
            return np.empty(shape, dtype)
        order = "F" if fortran else "C"
        return np.memmap(stream, dtype, "r", offset, shape, order)  # type: ignore[call-overload,no-any-return]


def _header(file: Path, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether the first axis is fastest, dtype; the stream is at the first number then."""
    first = stream.read(2)
    stream.seek(0)
    if first[:1] == b"\x80":  # a pickle's own first byte
        raise InputError(f"{file} {_OBJECTS}")
    try:
        read = _READERS.get(np.lib.format.read_magic(stream))
        if read is None:
            raise ValueError("version 3")
        with warnings.catch_warnings():  # Python 2 wrote whole numbers as 10L, and that is remarked
            warnings.simplefilter("ignore", UserWarning)
            return read(stream)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise InputError(
            f"{file} is no .npy matrix of numbers, or its first bytes are damaged; save it with "
            "np.save"
        ) from None


def _refuse_no_numbers(file: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in f"f{WHOLE}":
        raise InputError(f"{file} holds {dtype.name}, which are no numbers; save numbers")


def _refuse_other(file: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype.name not in TAKEN and dtype.kind not in WHOLE:
        raise InputError(
            f"{file} holds {dtype.name}, and vectors are {', '.join(TAKEN)} or whole numbers; save "
            "it as one of them"
        )
    way = "bring its numbers, or take it out" if 0 in shape else "save it so"
    if len(shape) not in _AXES or 0 in shape:
        raise InputError(
            f"{file} has the shape {_said(shape)}, and vectors are (N, D), or (N, R, D) of R "
            f"regions; {way}"
        )


def _said(shape: tuple[int, ...]) -> str:
    return f"({', '.join(f'{size:,}' for size in shape)}{',' * (len(shape) == 1)})"
