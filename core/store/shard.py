"""One shard: HDF5 bytes built in memory, and read back through a memory map.

HDF5 never opens a name that it will keep: the file image is built by the ``core`` driver, so that
a kill or a full disk cannot leave a half-written file, nor crash the library at exit.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt

from core.errors import CacheError

DONE, UNREADABLE = 1, 2
# What h5py raises for a file that is cut, damaged, or laid out in another way.
_DAMAGED = (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError)


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
    """The HDF5 file of one shard; the same arguments give the same bytes."""
    with h5py.File.in_memory() as file:
        text = h5py.string_dtype("utf-8")
        file.create_dataset("image/id", data=np.array(ids, dtype=object), dtype=text)
        file.create_dataset("image/sha256", data=np.array(digests, dtype=object), dtype=text)
        file.create_dataset("image/status", data=status)
        for layer, values in layers.items():
            file.create_dataset(f"features/{layer}", data=np.ascontiguousarray(values))
        file.flush()
        return bytes(file.id.get_file_image())


def open_shard(path: Path) -> ShardContent:
    """Read the small tables and map the layers of a shard whose digest has been checked.

    Raises:
        CacheError: the file is no shard of this format.
    """
    try:
        with h5py.File(path, "r") as file:
            image = file["image"]
            layers = {name: _map(path, file[f"features/{name}"]) for name in file["features"]}
            return ShardContent(
                ids=[str(value) for value in image["id"].asstr()[()]],
                digests=[str(value) for value in image["sha256"].asstr()[()]],
                status=image["status"][()],
                layers=layers,
            )
    except _DAMAGED as error:
        raise CacheError(
            f"{path} is not a feature shard ({error}); delete it and run `features` again"
        ) from error


def _map(path: Path, dataset: Any) -> npt.NDArray[Any]:
    offset = dataset.id.get_offset()
    if offset is None or dataset.external:
        raise CacheError(f"{path}: {dataset.name} is not contiguous; run `features` again")
    return np.memmap(path, mode="r", dtype=dataset.dtype, shape=dataset.shape, offset=offset)
