"""A shard that is not as long as it says is told by its first bytes."""

from pathlib import Path

import h5py
import pytest

from core.errors import CacheError
from core.store.extent import refuse_cut


@pytest.mark.parametrize("version", ["earliest", "v108", "v110", "latest"])
def test_every_superblock_tells_the_end(tmp_path: Path, version: str) -> None:
    file = tmp_path / "shard-00000.h5"
    with h5py.File(file, "w", libver=version) as made:
        made["features/pooled"] = list(range(1000))
    refuse_cut(file)
    whole = file.read_bytes()
    for data in (whole[:-1], whole + b"0", whole[:60]):
        file.write_bytes(data)
        with pytest.raises(CacheError, match=rf"it has {len(data):,} bytes, not {len(whole):,}"):
            refuse_cut(file)


@pytest.mark.parametrize(
    "data", [b"", b"junk" * 40, b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + b"\x09" * 90]
)
def test_what_is_no_shard(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "shard-00000.h5"
    file.write_bytes(data)
    with pytest.raises(CacheError, match=r"shard-00000\.h5 is damaged: it is no HDF5 file"):
        refuse_cut(file)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="none is missing"):
        refuse_cut(tmp_path / "none")
    with pytest.raises(CacheError, match="is not a regular file"):
        refuse_cut(tmp_path)
