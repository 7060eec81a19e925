"""The injector sees each operation, lets the chosen one fail, and no other."""

import errno
import fcntl
import os
import signal
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from core.files import replace_file
from tests.faults.child import in_child
from tests.faults.contents import contents, differences, strangers
from tests.faults.injector import DEATH, FAULTS, Watch, fail_once, read_only, watching


def known_sequence(folder: Path) -> None:
    """One of each operation, in an order that is known."""
    place = folder / "inner"
    place.mkdir()
    with (place / "text").open("w", encoding="utf-8") as stream:
        stream.write("some words")
    with (place / "text").open("a+", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(4)
    assert (place / "text").read_bytes() == b"some"
    handle = os.open(place / "raw", os.O_RDWR | os.O_CREAT)
    os.write(handle, b"bytes")
    os.fsync(handle)
    os.close(handle)
    (place / "raw").replace(place / "final")
    assert sorted(file.name for file in place.iterdir()) == ["final", "text"]
    assert (place / "final").stat().st_size == 5
    (place / "final").unlink()


SEEN = [
    ("mkdir", "inner"),
    ("create", "inner/text"),
    ("write", "inner/text"),
    ("create", "inner/text"),
    ("lock", "inner/text"),
    ("truncate", "inner/text"),
    ("open", "inner/text"),
    ("read", "inner/text"),
    ("create", "inner/raw"),
    ("write", "inner/raw"),
    ("fsync", "inner/raw"),
    ("rename", "inner/final"),
    ("list", "inner"),
    ("stat", "inner/final"),
    ("unlink", "inner/final"),
]


def seen(watch: Watch) -> list[tuple[str, str]]:
    return [(o.kind, os.path.relpath(o.path, watch.root)) for o in watch.seen]


def test_a_known_sequence_is_seen_as_it_is(tmp_path: Path) -> None:
    with watching(Watch(tmp_path)) as watch:
        known_sequence(tmp_path)
    assert seen(watch) == SEEN
    before = list(watch.seen)
    (tmp_path / "inner" / "text").read_bytes()
    assert watch.seen == before, "the doors are the real ones again"


def test_elsewhere_nothing_is_seen(tmp_path: Path) -> None:
    with watching(Watch(tmp_path / "inner")) as watch:
        (tmp_path / "innermost").write_text("beside it")
        assert [file.name for file in tmp_path.iterdir()] == ["innermost"]
    assert watch.seen == []


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "death"])
@pytest.mark.parametrize("at", range(1, len(SEEN) + 1))
def test_the_nth_fails_and_no_other(tmp_path: Path, at: int, fault: str) -> None:
    watch = Watch(tmp_path, fail_once(at, FAULTS[fault]))
    with watching(watch), pytest.raises(OSError, match=os.strerror(FAULTS[fault])) as failed:
        known_sequence(tmp_path)
    assert failed.value.errno == getattr(errno, fault)
    assert seen(watch)[:at] == SEEN[:at]
    by_handle = SEEN[at - 1][0] in ("read", "write", "fsync", "truncate", "lock")
    assert failed.value.filename == (None if by_handle else str(tmp_path / SEEN[at - 1][1]))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.parametrize("at", range(1, len(SEEN) + 1))
def test_death_is_death(tmp_path: Path, at: int) -> None:
    def act() -> None:
        with watching(Watch(tmp_path, fail_once(at, DEATH))):
            known_sequence(tmp_path)

    assert in_child(act).code == -signal.SIGKILL
    renamed = SEEN[at - 1][0] in ("list", "stat", "unlink")
    assert (tmp_path / "inner" / "final").exists() == renamed


def test_a_write_that_fails_has_written_a_half(tmp_path: Path) -> None:
    file = tmp_path / "file"
    watch = Watch(tmp_path, fail_once(2, errno.ENOSPC))
    with watching(watch), pytest.raises(OSError, match="space"):
        file.write_bytes(b"12345678")
    assert file.read_bytes() == b"1234"


def test_each_read_and_write_of_a_buffered_file_counts(tmp_path: Path) -> None:
    file, size = tmp_path / "file", 1 << 20
    with watching(Watch(tmp_path)) as watch, file.open("w+b") as stream:
        stream.write(bytes(size))
        stream.seek(0)
        assert stream.read() == bytes(size)
    assert [kind for kind, _ in seen(watch)] == ["create", "write", "read"]


def test_hdf5_and_maps_are_opened(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["values"] = np.arange(4)
    np.arange(4).tofile(tmp_path / "a.raw")
    with watching(Watch(tmp_path)) as watch:
        with h5py.File(tmp_path / "a.h5", "r") as file:
            assert file["values"][2] == 2
        assert np.memmap(tmp_path / "a.raw", mode="r", dtype=np.int64)[3] == 3
        with h5py.File.in_memory() as file:
            file["values"] = np.arange(4)
    assert [o for o in seen(watch) if o[0] != "stat"] == [("open", "a.h5"), ("open", "a.raw")]


def test_the_projects_own_way_of_writing(tmp_path: Path) -> None:
    with watching(Watch(tmp_path)) as watch, replace_file(tmp_path / "it") as stream:
        stream.write(b"whole")
    kinds = [operation.kind for operation in watch.seen if operation.kind != "stat"]
    assert kinds == ["mkdir", "create", "write", "fsync", "rename", "open", "fsync"]


def change(name: str) -> Callable[[Path], object]:
    return {
        "create": lambda folder: (folder / "new").write_text(""),
        "append": lambda folder: (folder / "old").open("a+").close(),
        "mkdir": lambda folder: (folder / "more").mkdir(),
        "rename": lambda folder: (folder / "old").rename(folder / "other"),
        "unlink": lambda folder: (folder / "old").unlink(),
    }[name]


@pytest.mark.parametrize("name", ["create", "append", "mkdir", "rename", "unlink"])
def test_a_disk_for_reading_refuses_what_changes_it(tmp_path: Path, name: str) -> None:
    for folder in ("kept", "free"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "old").write_text("old")
    before = contents(tmp_path / "kept")
    with watching(Watch(tmp_path, read_only(tmp_path / "kept"))):
        with pytest.raises(OSError, match="Read-only") as refused:
            change(name)(tmp_path / "kept")
        assert (tmp_path / "kept" / "old").read_text() == "old"
        (tmp_path / "kept").mkdir(exist_ok=True)
        change(name)(tmp_path / "free")
    assert refused.value.errno == errno.EROFS
    assert contents(tmp_path / "kept") == before


def test_what_differs_is_told(tmp_path: Path) -> None:
    for name in ("same", "other", "gone", ".lock"):
        (tmp_path / name).write_text(name)
    first = contents(tmp_path)
    assert differences(contents(tmp_path), first) == []
    for name in (".lock", "other", ".tmp-1"):
        (tmp_path / name).write_text("another")
    (tmp_path / "gone").unlink()
    now = contents(tmp_path)
    assert differences(now, first) == [
        ("more", ".tmp-1"),
        ("missing", "gone"),
        ("another", "other"),
    ]
    assert strangers(now, first.items()) == ["other"]
