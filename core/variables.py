"""The matrices of a file that holds several: MATLAB's of version 5 and 7.3, and plain HDF5.

What lies in one piece is mapped where it is. What is packed is unpacked once into a file without a
name in the system's temporary folder and mapped there, so that a matrix is never held in memory
longer than it takes to unpack it. What is sparse is written out there, as float32.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.files import TEMPORARY, naming, open_regular
from core.hdf5.matrices import hdf5_numbers, hdf5_variables
from core.hdf5.sparse import hdf5_sparse
from core.mat import NUMBERS, mat_numbers, mat_variables
from core.sparse import Sparse, refuse_too_large

ENDINGS = (".mat", ".h5", ".hdf5", ".h5py")
_HDF5, _MAT = b"\x89HDF\r\n\x1a\n", b"MATLAB 5.0"
_BLOCKS = (0, 512, 1024, 2048)
"""Where HDF5's own bytes may begin; MATLAB puts 512 of its own before them."""


def variables(file: Path) -> dict[str, str]:
    """Name -> "" for each matrix of numbers in ``file``; for what is none, what it is.

    Raises:
        InputError: it is no such file, damaged, or scipy is not installed.
        OSError: as ``open`` does.
    """
    if _is_hdf5(file):
        return hdf5_variables(file)
    found = mat_variables(file)
    return {name: "" if kind in NUMBERS else f"a {kind}" for name, kind in found.items()}


def read_variable(file: Path, name: str) -> npt.NDArray[Any]:
    """The numbers of one of ``variables``, mapped and read-only, with a row an item.

    Raises:
        InputError: it is damaged, or scipy is not installed; or it is sparse, and the temporary
            folder has no room for all of it.
        OSError: as ``open`` does; the temporary folder has no room.
    """
    if not _is_hdf5(file):
        found = mat_numbers(file, name)
        return _written_out(found, name, file) if isinstance(found, Sparse) else spooled([found])
    sparse = hdf5_sparse(file, name)
    return _written_out(sparse, name, file) if sparse else hdf5_numbers(file, name, spooled)


def spooled(parts: Any) -> npt.NDArray[Any]:
    """Arrays of one dtype, joined along their first axis, in a file without a name.

    Raises:
        OSError: there is no room; it names the folder.
    """
    rows, first = 0, None
    try:
        with tempfile.TemporaryFile(prefix=TEMPORARY) as stream:
            for part in parts:
                first = part[:0] if first is None else first
                rows += len(part)
                stream.write(np.ascontiguousarray(part).data)
            assert first is not None, "there is one at least"
            shape = (rows, *first.shape[1:])
            if 0 in shape:
                return np.empty(shape, first.dtype)
            stream.flush()
            return np.memmap(stream, first.dtype, "r", 0, shape)
    except OSError as error:
        raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from error


def _written_out(sparse: Sparse, name: str, file: Path) -> npt.NDArray[np.float32]:
    refuse_too_large(f"{name} of {file}", sparse.shape)
    try:
        return spooled(sparse.blocks())
    except ValueError as error:
        raise InputError(f"{name} of {file} is damaged: {error}; fetch or save it again") from error


def _is_hdf5(file: Path) -> bool:
    """Whether it is HDF5, by its first bytes.

    Raises:
        InputError: it is neither HDF5 nor MATLAB's.
    """
    with naming(file), open_regular(file) as stream:
        head = stream.read(_BLOCKS[-1] + len(_HDF5))
    if any(head[start:].startswith(_HDF5) for start in _BLOCKS):
        return True
    if not head.startswith(_MAT):
        raise InputError(
            f"{file} is neither HDF5 nor a .mat of version 5 or 7.3, or its first bytes are "
            "damaged; fetch or save it again"
        )
    return False
