"""Matrices of somebody else's HDF5 file, by their names in its root, or in a group of it.

Contiguous ones are mapped where they are. Of those in chunks only what HDF5 itself packs is
unpacked, in bounds; a link is never followed out of the file. MATLAB's files of version 7.3 keep
each matrix with its axes turned, and say so.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.files import naming, open_regular
from core.hdf5.places import DAMAGED, place_of, reading

TURNED = "MATLAB_class"
"""The attribute of MATLAB's own matrices."""
SPARSE = "MATLAB_sparse"
"""The attribute of a group that is a sparse matrix: how many rows it has."""
_REFERRED = "#refs#"
"""MATLAB's group of what cells refer to, under names that tell nothing."""
FILTERS = {
    *(h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32),
    h5py.h5z.FILTER_LZF,
}
DENSEST = 1100
"""No deflate makes a byte of more than 1,032: a file that says more is damaged."""
BLOCK_BYTES = 2**24
Keep = Callable[[Iterable[npt.NDArray[Any]]], npt.NDArray[Any]]


def hdf5_variables(file: Path) -> dict[str, str]:
    """Name -> "" for each matrix of numbers; for what is none, what it is.

    What lies in a group of the root is called by both names, ``train/images``.

    Raises:
        InputError: it is damaged.
        OSError: as ``open`` does.
    """
    with naming(file), open_regular(file) as stream:
        try:
            with reading(stream) as found:
                return {name: _other(found, name) for name in _names(found)}
        except DAMAGED as error:
            raise damaged(file) from error


def hdf5_numbers(file: Path, name: str, keep: Keep) -> npt.NDArray[Any]:
    """The numbers of a matrix, mapped; ``keep`` maps what has to be unpacked, part by part.

    Raises:
        InputError: it is damaged, or packed in a way that is not read.
        OSError: as ``open`` does, and ``keep``.
    """
    with naming(file), open_regular(file) as stream:
        size = stream.seek(0, 2)
        try:
            with reading(stream) as found:
                turned = TURNED in found[name].attrs
                if found[name].chunks is None:
                    kind, shape, start = place_of(found, name, size)
                    mapped = np.memmap(stream, kind, "r", start, shape)  # type: ignore[call-overload]
                else:
                    refuse_bombs(found[name], size)
                    mapped = keep(_blocks(found[name]))
        except DAMAGED as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise damaged(file, f"{name} of ") from error
    rowwise: npt.NDArray[Any] = mapped.T if turned else mapped
    return rowwise


def _names(found: h5py.File) -> Iterator[str]:
    for name in found:
        own = isinstance(found.get(name, getlink=True), h5py.HardLink) and name != _REFERRED
        yield from (own and _inside(found[name])) or [name]


def _inside(each: Any) -> list[str]:
    """The names in a group of the root that is no sparse matrix; else there are none."""
    if not isinstance(each, h5py.Group) or SPARSE in each.attrs:
        return []
    return [f"{each.name.removeprefix('/')}/{name}" for name in each]


def _other(found: h5py.File, name: str) -> str:
    """What an object is, where it is no matrix of numbers."""
    if not isinstance(found.get(name, getlink=True), h5py.HardLink):
        return "a link"
    each = found[name]
    if not isinstance(each, h5py.Dataset):
        return "" if SPARSE in each.attrs else "a group"
    kind = each.dtype.kind
    return "" if kind in "fiub" and each.shape and each.size else f"of {each.dtype}, {each.shape}"


def refuse_bombs(dataset: h5py.Dataset, size: int) -> None:
    """Refuse what is packed by others than HDF5, or tighter than can be.

    Raises:
        ValueError: it is; says which.
    """
    made = dataset.id.get_create_plist()
    used = {made.get_filter(number)[0] for number in range(made.get_nfilters())}
    if used - FILTERS:
        raise ValueError(f"packed by the filters {sorted(used - FILTERS)}")
    whole = max(math.prod(dataset.shape), math.prod(dataset.chunks)) * dataset.dtype.itemsize
    if whole > DENSEST * size:
        raise ValueError(f"{whole} bytes in a file of {size}")


def _blocks(dataset: h5py.Dataset) -> Iterator[npt.NDArray[Any]]:
    """Its rows, some whole chunks at a time."""
    row = max(1, dataset.dtype.itemsize * math.prod(dataset.shape[1:]))
    step = max(1, BLOCK_BYTES // row // dataset.chunks[0]) * dataset.chunks[0]
    for start in range(0, len(dataset), step):
        yield dataset[start : start + step]


def damaged(file: Path, what: str = "") -> InputError:
    """The error of a file, or of ``what`` it holds, that cannot be read."""
    return InputError(
        f"{what}{file} is damaged or cut off, or packed in a way that is not read; fetch it again, "
        "or save its matrices with np.save"
    )
