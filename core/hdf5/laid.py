"""The bytes of new HDF5 files, laid out in memory: no name is opened for it."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from core.hdf5.places import numbers

Contents = Mapping[str, npt.NDArray[Any] | Sequence[str]]
"""Objects by their paths: numbers, or strings."""


def whole(contents: Contents) -> bytes:
    """The file that holds ``contents``; the same give the same bytes."""
    with h5py.File.in_memory() as file:
        _fill(file, contents)
        file.flush()
        return bytes(file.id.get_file_image())


def head(contents: Contents, last: str, shape: tuple[int, ...], before: int) -> bytes:
    """All of a file but its last object, whose float64 numbers are to follow in C order.

    Args:
        contents: the other objects.
        last: the path of the last one.
        shape: its shape.
        before: so many bytes in front of the file are the caller's, 512 or a larger power of two.

    Returns:
        The bytes, zeros in the first ``before``; the same arguments give the same ones.
    """
    kind = numbers("float64", shape)
    with h5py.File(laid := BytesIO(), "w", userblock_size=before) as file:
        _fill(file, contents)
        # Room that is made at once and never filled stands behind all else.
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_layout(h5py.h5d.CONTIGUOUS)
        made.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        made.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        made.set_obj_track_times(False)
        space = h5py.h5s.create_simple(shape)
        offset = h5py.h5d.create(file.id, last.encode(), kind.type, space, made).get_offset()
    data = laid.getvalue()
    if len(data) > offset:
        raise RuntimeError(f"HDF5 put {len(data) - offset} bytes behind {last}")
    return data.ljust(offset, b"\0")


def _fill(file: h5py.File, contents: Contents) -> None:
    for path, values in contents.items():
        if isinstance(values, np.ndarray):
            file.create_dataset(path, data=np.ascontiguousarray(values))
        else:
            words = np.array(values, dtype=object)
            file.create_dataset(path, data=words, dtype=h5py.string_dtype("utf-8"))
