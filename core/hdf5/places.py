"""Where the objects of an HDF5 file are, which is asked of a file of somebody else's too.

What is mapped must be raw numbers or strings of its own, in one piece, and nothing else, because
HDF5 would follow links into other files, decode what filters made, and believe any size. What is
unpacked is bounded first (``core.hdf5.matrices``).
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import h5py
import numpy as np

from core.hdf5.heap import RECORD

DAMAGED = (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError)
"""What h5py raises for a file that is cut, damaged, or laid out in another way."""
_TYPES = {
    "float64": h5py.h5t.IEEE_F64LE,
    "float32": h5py.h5t.IEEE_F32LE,
    "float16": h5py.h5t.IEEE_F16LE,
    "uint8": h5py.h5t.STD_U8LE,
}


class Kind(NamedTuple):
    """What an object must be: HDF5's type, the bytes of a value, and the shape."""

    type: Any
    bytes: int
    shape: tuple[int, ...]


class Place(NamedTuple):
    """Where an object was found: numbers of this dtype, or (None) strings, the first at offset."""

    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]
    offset: int


def texts(rows: int) -> Kind:
    """So many strings in UTF-8, which ``core.hdf5.heap`` reads."""
    kind = h5py.h5t.py_create(h5py.string_dtype("utf-8"), True)
    return Kind(kind, RECORD.itemsize, (rows,))


def numbers(dtype: str, shape: tuple[int, ...]) -> Kind:
    """Numbers: float64, float32, float16 or uint8, little-endian."""
    return Kind(_TYPES[dtype], np.dtype(dtype).itemsize, shape)


@contextmanager
def reading(stream: IO[bytes]) -> Iterator[h5py.File]:
    """The objects of the file that ``stream`` reads.

    Raises:
        DAMAGED: it is no HDF5.
    """
    with h5py.File(stream, "r") as file:
        yield file


def refuse_others(file: h5py.File, wanted: Mapping[str, Kind]) -> None:
    """The groups hold what is wanted and nothing else, each itself and not a link elsewhere.

    Raises:
        ValueError: another object, or one that is elsewhere.
    """
    inside: dict[str, list[str]] = {"/": []}
    for path in wanted:
        group, _, name = path.partition("/")
        inside.setdefault(group, []).append(name)
    inside["/"] = [group for group in inside if group != "/"]
    for group, names in inside.items():
        found = len(file[group])
        if found != len(names):
            raise ValueError(f"{group} holds {found} objects, not {len(names)}")
        for name in names:
            _require_own(file, group, name, h5py.Group if group == "/" else h5py.Dataset)


def offset_of(dataset: h5py.Dataset, kind: Kind, size: int) -> int:
    """Where in a file of ``size`` bytes the values of ``dataset`` begin, raw and whole.

    Raises:
        ValueError: it is of another kind, not in one piece, or beyond the file's end.
    """
    made = dataset.id.get_create_plist()
    elsewhere = made.get_layout() != h5py.h5d.CONTIGUOUS or made.get_external_count()
    if elsewhere or made.get_nfilters():
        raise ValueError(f"{dataset.name} is not contiguous")
    if dataset.id.get_type() != kind.type or dataset.shape != kind.shape:
        raise ValueError(f"{dataset.name} is {dataset.dtype} of shape {dataset.shape}")
    offset: int | None = dataset.id.get_offset()
    if offset is None or offset + math.prod(kind.shape) * kind.bytes > size:
        raise ValueError(f"{dataset.name} is beyond its end")
    return offset


def place_of(file: h5py.File, name: str, size: int) -> Place:
    """Where an object is, by its path, whatever it holds, in a file of ``size`` bytes.

    Raises:
        ValueError: there is none of this name, it is not in one piece, or beyond the file's end.
    """
    if name not in file:
        raise ValueError(f"it has no {name}")
    _require_own(file, "/", name, h5py.Dataset)
    dataset = file[name]
    words = h5py.check_string_dtype(dataset.dtype)
    loose = words is not None and words.length is None
    wide = RECORD.itemsize if loose else dataset.dtype.itemsize
    kind = Kind(dataset.id.get_type(), wide, dataset.shape)
    return Place(None if loose else dataset.dtype, dataset.shape, offset_of(dataset, kind, size))


def base_of(file: h5py.File) -> int:
    """How many bytes stand in front of HDF5's own."""
    base: int = file.userblock_size
    return base


def _require_own(file: h5py.File, group: str, name: str, kind: type) -> None:
    link = file[group].get(name, getlink=True)
    if type(link) is not h5py.HardLink or type(file[group][name]) is not kind:
        raise ValueError(f"{group}: {name} is no {kind.__name__.lower()} of its own")
