"""A disk that fails for a moment, or may not be written, is neither damage nor a missing file."""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cache_cases import FIELDS, IDS, PICTURES, SHARD_SIZE, commit, contents, features, write

import core.store.committed
import core.store.shard
from core import files, lock
from core.errors import CacheError
from core.store import FeatureCache, FeatureWriter, cache_key, find_complete, verify_cache
from core.store.manifest import Layout
from core.store.shard import open_shard

READERS: dict[str, Callable[[Path], object]] = {
    "verify": verify_cache,
    "open": FeatureCache,
    "look for it": lambda cache: find_complete(cache.parent, FIELDS),
    "write": lambda cache: write(cache.parent),
}
NAMES = ("cache.json", "shard-00001.json", "shard-00001.h5")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return write(tmp_path)


def failing(real: Callable[..., Any], name: str, code: int) -> Callable[..., Any]:
    """``os.open`` that fails for one file's name."""

    def opening(path: Any, *given: Any, **named: Any) -> Any:
        if str(path).endswith(name):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, *given, **named)

    return opening


@pytest.mark.parametrize("code", [errno.EIO, errno.EMFILE, errno.EACCES])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reader", READERS)
def test_a_file_that_cannot_be_opened_is_named(
    cache: Path, monkeypatch: pytest.MonkeyPatch, reader: str, name: str, code: int
) -> None:
    whole = contents(cache)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", failing(os.open, name, code))
        if reader == "open" and name == "shard-00001.json":
            READERS[reader](cache)  # what makes numbers is not in it
        else:
            with pytest.raises(OSError, match=name) as caught:
                READERS[reader](cache)
            assert caught.value.errno == code
            assert "missing" not in str(caught.value)
    assert contents(cache) == whole
    assert verify_cache(cache) == []


def test_a_folder_that_cannot_be_listed_is_named(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "listdir", failing(os.listdir, str(cache.parent), errno.EMFILE))
    with pytest.raises(OSError, match="Too many open files"):
        find_complete(cache.parent, FIELDS)


class FailingStream:
    """A stream whose nth read fails."""

    def __init__(self, stream: Any, nth: int):
        self._stream, self._left = stream, nth

    def __enter__(self) -> "FailingStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _count(self) -> None:
        self._left -= 1
        if not self._left:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def readinto(self, buffer: Any) -> Any:
        self._count()
        return self._stream.readinto(buffer)

    def read(self, *given: Any) -> Any:
        self._count()
        return self._stream.read(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def test_each_read_of_a_shard_that_fails_is_named(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(SHARD_SIZE, {"pooled": (1, 6)}, "float32")
    file, real = cache / "shard-00001.h5", files.open_regular
    failed = []
    for nth in range(1, 60):
        monkeypatch.setattr(
            core.store.shard,
            "open_regular",
            lambda path, nth=nth: FailingStream(real(path), nth),
        )
        try:
            open_shard(file, layout)
        except OSError as error:
            failed.append((error.errno, error.filename))
    assert set(failed) == {(errno.EIO, str(file))}
    assert len(failed) > 15


def test_a_shard_that_shrinks_while_it_is_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short(FailingStream):
        def read(self, *given: Any) -> Any:
            return self._stream.read(*given)[:-1]

    real = files.open_regular
    monkeypatch.setattr(core.store.shard, "open_regular", lambda path: Short(real(path), 0))
    with pytest.raises(CacheError, match="are beyond its end"):
        FeatureCache(cache)


ODD: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_regular_file_is_said_and_not_waited_for(
    cache: Path, name: str, kind: str
) -> None:
    whole = contents(cache)
    (cache / name).unlink()
    ODD[kind](cache / name)
    if name == "cache.json":
        with pytest.raises(CacheError, match="is not a regular file; move it elsewhere"):
            verify_cache(cache)
    else:
        assert verify_cache(cache) == [f"{name} is not a regular file"]
    if kind == "a folder":
        with pytest.raises(OSError, match=name):
            write(cache.parent)
        shutil.rmtree(cache / name)
    assert write(cache.parent) == cache
    assert contents(cache) == whole


def test_an_unchecked_opening_names_a_missing_shard(cache: Path) -> None:
    (cache / "shard-00001.h5").unlink()
    with pytest.raises(FileNotFoundError, match=r"shard-00001\.h5"):
        FeatureCache(cache, check=False)


def refuse_writing(patch: pytest.MonkeyPatch, code: int) -> None:
    """What a disk that may only be read answers to whoever opens a file for writing on it."""
    real = os.open

    def opening(path: Any, flags: int, *given: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, flags, *given, **named)

    def making(path: Path, *given: Any, **named: Any) -> None:
        if not (path.is_dir() and named.get("exist_ok")):
            raise OSError(code, os.strerror(code), str(path))

    patch.setattr(os, "open", opening)
    patch.setattr(Path, "mkdir", making)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_where_one_may_not_write(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    with monkeypatch.context() as patch:
        refuse_writing(patch, code)
        assert find_complete(tmp_path, FIELDS) == cache
        assert FeatureCache(cache).ids == IDS
        for fields in (FIELDS | {"exif": False}, FIELDS):  # not begun; begun
            with pytest.raises(CacheError) as caught:
                write(tmp_path, fields=fields)
            assert "is not whole, and may not be written" in str(caught.value)
            assert str(caught.value).endswith("use another --work folder")
    other = f"toy-{cache_key(FIELDS | {'exif': False})[:8]}"
    assert not (tmp_path / other).exists()


def test_a_full_disk_is_not_taken_for_one_that_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock.os, "pwrite", failing(os.pwrite, "", errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are hashed from now on."""
    seen: list[str] = []
    real = files.file_sha256

    def hashing(path: Path) -> str:
        seen.append(path.name)
        return real(path)

    monkeypatch.setattr(core.store.committed, "file_sha256", hashing)
    return seen


def test_each_shard_is_hashed_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = counted(monkeypatch)
    once = [f"shard-0000{number}.h5" for number in range(3)]
    for reading in (FeatureCache, verify_cache, lambda cache: find_complete(cache.parent, FIELDS)):
        seen.clear()
        reading(cache)
        assert seen == once
    seen.clear()
    assert write(cache.parent) == cache  # pending and finish
    assert seen == once


def test_what_was_written_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = counted(monkeypatch)
    write(tmp_path)
    assert seen == []
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES) as writer:
        assert writer.pending() == []
        commit(writer, 1, range(4, 8))
        assert writer.shards == 3
        writer.finish()
    assert seen == [f"shard-0000{number}.h5" for number in range(3)]


def test_a_commit_that_fails_midway_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, shard_size=4) as writer:
        commit(writer, 0, range(4))
        other = features(IDS[:4]) + 1
        with monkeypatch.context() as patch:
            patch.setattr(files, "replace_file", only("shard-00000.h5", files.replace_file))
            with pytest.raises(OSError, match="made up"):
                writer.commit(0, {"pooled": other}, {})
        assert 0 in dict(writer.pending())


def only(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def replace(path: Path, **named: Any) -> Any:
        if path.name != name:
            raise OSError(errno.EIO, "made up", str(path))
        return real(path, **named)

    return replace


def test_a_cache_is_begun_again_only_on_paper(tmp_path: Path) -> None:
    then, now = {"torch": "1"}, {"torch": "2"}
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, made_with=then) as writer:
        assert writer.made_with == then
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, made_with=now) as writer:
        assert writer.made_with == then
        writer.begin_again(now)
    with FeatureWriter.open(tmp_path, "toy", FIELDS, PICTURES, made_with=then) as writer:
        assert writer.made_with == now
        for number, rows in writer.pending():
            commit(writer, number, rows)
        assert FeatureCache(writer.finish()).manifest["made_with"] == now


def test_files_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = write(tmp_path)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()}
    assert modes == {0o640}
