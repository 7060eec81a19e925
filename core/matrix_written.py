"""Matrices as NumPy's ``.npy``, some rows at a time: never is all of one in memory."""

from collections.abc import Iterable
from typing import IO

import numpy as np
import numpy.typing as npt


def write_header(stream: IO[bytes], rows: int, width: int) -> None:
    """Begin a matrix (rows, width) float32, little-endian, in C order; ``write_rows`` follows."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (rows, width)}
    np.lib.format.write_array_header_1_0(stream, header)


def write_rows(stream: IO[bytes], rows: npt.NDArray[np.float32]) -> None:
    """Some rows (n, width) of any order and byte order in memory, behind those that are there."""
    stream.write(np.ascontiguousarray(rows, dtype="<f4").data)


def write_matrix(
    stream: IO[bytes], rows: int, width: int, blocks: Iterable[npt.NDArray[np.float32]]
) -> None:
    """A whole matrix (rows, width) float32 of its ``blocks``, (some, width) each."""
    write_header(stream, rows, width)
    for block in blocks:
        write_rows(stream, block)
