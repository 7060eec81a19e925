"""`cache verify`, and `features` where a cache is damaged, old, or may not be written."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.files import write_json
from core.sealed import read_sealed
from tests.e2e.conftest import FEATURES, Chain, Type
from tests.e2e.test_bad_input import one_line


@pytest.fixture
def copy(chain: Chain, tmp_path: Path) -> Path:
    """A cache of its own, in a work folder of its own."""
    return Path(shutil.copytree(chain.cache, tmp_path / "work" / "features" / chain.cache.name))


def test_every_file_is_compared_named_and_mended(tencrop: Type, chain: Chain, copy: Path) -> None:
    assert tencrop("cache", "verify", copy).out == f"{copy}: every byte is as it was written\n"
    for name in ("cache.json", "shard-00000.json", "shard-00000.h5"):
        whole = (copy / name).read_bytes()
        (copy / name).write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
        one_line(tencrop("cache", "verify", copy), name, "run the same `features` command")
        again = tencrop("features", chain.data, *FEATURES, "--work", copy.parents[1])
        assert (again.code, again.last) == (0, str(copy))
        assert tencrop("cache", "verify", copy).code == 0
        assert (copy / name).read_bytes() == whole


def test_several_problems_are_counted(tencrop: Type, copy: Path) -> None:
    (copy / "shard-00000.h5").unlink()
    shutil.copy(copy / "shard-00000.json", copy / "shard-00001.json")
    said = tencrop("cache", "verify", copy)
    one_line(said, "shard-00000.h5 is missing and 1 more; run the same")
    assert "shard-00001.json is no shard of this cache" in said.err


def test_an_earlier_version_is_said(tencrop: Type, chain: Chain, copy: Path) -> None:
    for name in ("cache.json", "shard-00000.json"):
        write_json(copy / name, read_sealed(copy / name))
    said = tencrop("cache", "verify", copy)
    assert said.code == 0
    assert "2 files are of an earlier version and without a digest" in said.err
    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    assert tencrop("features", chain.data, *FEATURES, "--work", copy.parents[1]).last == str(copy)
    assert {file.name: file.read_bytes() for file in copy.iterdir()} == before


def read_only(real: Callable[..., int]) -> Callable[..., int]:
    """``os.open`` of a disk that may only be read."""

    def opening(path: Any, flags: int, *given: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, flags, *given, **named)

    return opening


def test_a_disk_that_may_only_be_read(
    tencrop: Type, chain: Chain, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("features", chain.data, *FEATURES, "--work", copy.parents[1])
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only(os.open))
        said = tencrop(*words)
    assert (said.code, said.last) == (0, str(copy)), said.err
    (copy / "shard-00000.h5").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only(os.open))
        one_line(tencrop(*words), "may not be written (Read-only file system)", "--work")
