"""One shard: HDF5 bytes built in memory, and read back through a memory map.

HDF5 never opens a name: the file image is built by the ``core`` driver, so that a kill or a full
disk cannot leave a half-written file, nor crash the library at exit; and it is read from a stream
of a regular file. All that HDF5 does with a file is to say where its objects are. An object must be
what ``docs/format.md`` says and nothing else, because HDF5 would follow links into other files,
decode what filters made, and believe any size.
"""

import errno
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt

from core.errors import CacheError
from core.files import open_regular
from core.store.heap import MOST_BYTES, RECORD, Heap
from core.store.manifest import Layout, first_fault

DONE, UNREADABLE = 1, 2
# What h5py raises for a file that is cut, damaged, or laid out in another way.
_DAMAGED = (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError)


class ShardContent(NamedTuple):
    """What a shard holds: ids and digests (n,) str, status (n,) uint8, layers (n, crops, ...)."""

    ids: list[str]
    digests: list[str]
    status: npt.NDArray[np.uint8]
    layers: dict[str, npt.NDArray[Any]]


class _Kind(NamedTuple):
    """What an object must be: HDF5's type, the bytes of a value, and the shape."""

    type: Any
    bytes: int
    shape: tuple[int, ...]


def shard_bytes(
    ids: Sequence[str],
    digests: Sequence[str],
    status: npt.NDArray[np.uint8],
    layers: Mapping[str, npt.NDArray[Any]],
) -> bytes:
    """The HDF5 file of one shard; the same arguments give the same bytes.

    Raises:
        CacheError: an id is longer than a shard's may be.
    """
    long = next((name for name in ids if len(name.encode()) > MOST_BYTES), None)
    if long:
        raise CacheError(f"the id {long[:40]!r}... is longer than {MOST_BYTES:,} bytes; shorten it")
    with h5py.File.in_memory() as file:
        text = h5py.string_dtype("utf-8")
        file.create_dataset("image/id", data=np.array(ids, dtype=object), dtype=text)
        file.create_dataset("image/sha256", data=np.array(digests, dtype=object), dtype=text)
        file.create_dataset("image/status", data=status)
        for layer, values in layers.items():
            file.create_dataset(f"features/{layer}", data=np.ascontiguousarray(values))
        file.flush()
        return bytes(file.id.get_file_image())


def open_shard(path: Path, layout: Layout) -> ShardContent:
    """Read the small tables and map the layers of a shard whose digest has been checked.

    Raises:
        CacheError: the file is no shard of this format and layout.
        OSError: it is not there, no regular file, or cannot be read; with its name.
    """
    try:
        with open_regular(path) as stream:
            return _read(stream, layout)
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.filename:
            raise
        # A place that no file has, asked for by a damaged address, is EINVAL.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise CacheError(f"{path.name} is not a feature shard ({first_fault(error)})") from error


def _read(stream: IO[bytes], layout: Layout) -> ShardContent:
    size = os.fstat(stream.fileno()).st_size
    wanted = _wanted(layout)
    with h5py.File(stream, "r") as file:
        _refuse_others(file, wanted)
        at = {name: _offset(file[name], kind, size) for name, kind in wanted.items()}
    heap = Heap(stream, size, 2 * layout.rows)
    status = np.frombuffer(heap.read(at["image/status"], layout.rows), np.uint8)
    if not np.isin(status, (DONE, UNREADABLE)).all():
        raise ValueError("image/status holds other values")
    digests = heap.texts(at["image/sha256"], layout.rows)
    if not all(re.fullmatch(r"([0-9a-f]{64})?", digest) for digest in digests):
        raise ValueError("image/sha256 holds what is no digest")
    layers: dict[str, npt.NDArray[Any]] = {}
    for layer in layout.layers:
        kind, offset = wanted[f"features/{layer}"], at[f"features/{layer}"]
        layers[layer] = np.memmap(stream, layout.dtype, "r", offset, kind.shape)
    return ShardContent(heap.texts(at["image/id"], layout.rows), digests, status, layers)


def _wanted(layout: Layout) -> dict[str, _Kind]:
    """Each object of a shard by its path."""
    rows = (layout.rows,)
    text = _Kind(h5py.h5t.py_create(h5py.string_dtype("utf-8"), True), RECORD.itemsize, rows)
    number = {"float32": h5py.h5t.IEEE_F32LE, "float16": h5py.h5t.IEEE_F16LE}[layout.dtype]
    size = np.dtype(layout.dtype).itemsize
    status = _Kind(h5py.h5t.STD_U8LE, 1, rows)
    named = {"image/id": text, "image/sha256": text, "image/status": status}
    for layer, shape in layout.layers.items():
        named[f"features/{layer}"] = _Kind(number, size, (*rows, *shape))
    return named


def _refuse_others(file: h5py.File, wanted: Mapping[str, _Kind]) -> None:
    """The groups hold what is wanted and nothing else, each itself and not a link elsewhere."""
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
            kind = h5py.Group if group == "/" else h5py.Dataset
            link = file[group].get(name, getlink=True)
            if type(link) is not h5py.HardLink or type(file[group][name]) is not kind:
                raise ValueError(f"{group}: {name} is no {kind.__name__.lower()} of its own")


def _offset(dataset: h5py.Dataset, kind: _Kind, size: int) -> int:
    """Where in the file the values of ``dataset`` begin, which are of this kind, raw and whole."""
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
