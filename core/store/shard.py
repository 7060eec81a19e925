"""One shard: HDF5 bytes built in memory, and read back through a memory map.

See ``core.hdf5`` for what is asked of HDF5. An object must be what ``docs/format.md`` says and
nothing else.
"""

import errno
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import CacheError
from core.files import open_regular
from core.hdf5 import laid
from core.hdf5.heap import MOST_BYTES, Heap
from core.hdf5.places import DAMAGED, Kind, numbers, offset_of, reading, refuse_others, texts
from core.store.manifest import Layout, first_fault

DONE, UNREADABLE = 1, 2


class ShardContent(NamedTuple):
    """What a shard holds: ids and digests (n,) str, status (n,) uint8, layers (n, crops, ...)."""

    ids: list[str]
    digests: list[str]
    status: npt.NDArray[np.uint8]
    layers: dict[str, npt.NDArray[Any]]


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
    contents: laid.Contents = {"image/id": ids, "image/sha256": digests, "image/status": status}
    return laid.whole({**contents, **{f"features/{name}": each for name, each in layers.items()}})


def open_shard(path: Path, layout: Layout) -> ShardContent:
    """Read the small tables and map the layers of a shard whose digest has been checked.

    Raises:
        CacheError: the file is no shard of this format and layout.
        OSError: it is not there, no regular file, or cannot be read; with its name.
    """
    try:
        with open_regular(path) as stream:
            return _read(stream, layout)
    except DAMAGED as error:
        if isinstance(error, OSError) and error.filename:
            raise
        # A place that no file has, asked for by a damaged address, is EINVAL.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise CacheError(f"{path.name} is not a feature shard ({first_fault(error)})") from error


def _read(stream: IO[bytes], layout: Layout) -> ShardContent:
    size = os.fstat(stream.fileno()).st_size
    wanted = _wanted(layout)
    with reading(stream) as file:
        refuse_others(file, wanted)
        at = {name: offset_of(file[name], kind, size) for name, kind in wanted.items()}
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


def _wanted(layout: Layout) -> dict[str, Kind]:
    """Each object of a shard by its path."""
    rows = (layout.rows,)
    text, status = texts(layout.rows), numbers("uint8", rows)
    named = {"image/id": text, "image/sha256": text, "image/status": status}
    for layer, shape in layout.layers.items():
        named[f"features/{layer}"] = numbers(layout.dtype, (*rows, *shape))
    return named
