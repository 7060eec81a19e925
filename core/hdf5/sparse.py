"""Sparse matrices in MATLAB's files of version 7.3: a group with what is not zero.

One of zeros alone has the ends of its columns and nothing else.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from core.files import naming, open_regular
from core.hdf5.matrices import SPARSE, damaged, refuse_bombs
from core.hdf5.places import DAMAGED, Kind, offset_of, reading
from core.sparse import Sparse

_ENDS, _ROWS, _VALUES = "jc", "ir", "data"


def hdf5_sparse(file: Path, name: str) -> Sparse | None:
    """What is not zero of ``name``, in memory; None where it is no sparse matrix.

    Raises:
        InputError: it is damaged.
        OSError: as ``open`` does.
    """
    with naming(file), open_regular(file) as stream:
        size = stream.seek(0, 2)
        try:
            with reading(stream) as found:
                return _sparse(found[name], size) if SPARSE in found[name].attrs else None
        except DAMAGED as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise damaged(file, f"{name} of ") from error


def _sparse(group: h5py.Group, size: int) -> Sparse:
    parts = list[npt.NDArray[Any]]()
    for name in (_ENDS, _ROWS, _VALUES):
        link = group.get(name, getlink=True)
        if link is not None and not isinstance(link, h5py.HardLink):
            raise ValueError(f"{name} is a link")
        there = link is not None and group[name].size
        parts.append(_numbers(group[name], size) if there else np.zeros(0, np.int64))
    ends, rows, values = parts
    return Sparse((int(group.attrs[SPARSE]), len(ends) - 1), ends, rows, values)


def _numbers(each: h5py.Dataset, size: int) -> npt.NDArray[Any]:
    """All of a dataset, which must lie in the file itself."""
    if each.chunks is None:
        offset_of(each, Kind(each.id.get_type(), each.dtype.itemsize, each.shape), size)
    else:
        refuse_bombs(each, size)
    found: npt.NDArray[Any] = each[()].reshape(-1)
    return found
