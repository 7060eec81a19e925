"""Files appear whole or not at all."""

import errno
import io
import json
import os
import socket
from pathlib import Path

import pytest

from core import files

pytestmark = pytest.mark.usefixtures("disk")


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_is_there_after_the_block_and_not_before(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file"
    with files.replace_file(target) as stream:
        stream.write(b"all of it")
        assert not target.exists()
    assert target.read_bytes() == b"all of it"
    assert listing(target.parent) == ["file"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")

    def fail_half_way() -> None:
        with files.replace_file(target) as stream:
            stream.write(b"half of the n")
            raise error

    with pytest.raises(error):
        fail_half_way()
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["file"]


def test_the_bytes_are_synced_before_the_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = []
    sync, rename = os.fsync, Path.replace

    def watched_sync(handle: int) -> None:
        kind = "folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file"  # noqa: PTH112
        events.append(f"sync {kind} of {os.fstat(handle).st_size if kind == 'file' else '-'}")
        sync(handle)

    def watched_rename(self: Path, target: Path) -> Path:
        events.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(Path, "replace", watched_rename)
    with files.replace_file(tmp_path / "file") as stream:
        stream.write(b"12345")
    assert events == ["sync file of 5", "rename", "sync folder of -"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_permissions_follow_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        files.write_bytes(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_a_full_disk_is_told_with_the_file_and_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device for 5,000 bytes: .*/file'"):
        files.write_bytes(tmp_path / "file", b"x" * 5000)
    assert listing(tmp_path) == []


def test_a_read_that_fails_says_which_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"1")

    def fail(handle: int, mode: str) -> io.BytesIO:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdopen", fail)
    for read in (files.read_regular, files.file_sha256, files.read_json):
        with pytest.raises(OSError, match=r"Input/output error: .*/file'"):
            read(tmp_path / "file")


def test_a_refused_file_is_closed_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        with pytest.raises(files.IrregularFile):
            files.open_regular(tmp_path / "fifo")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name in ("fifo", "device", "folder", "socket"):
            with pytest.raises(files.IrregularFile, match=f"not a regular file.*{name}"):
                files.file_sha256(tmp_path / name)
    (tmp_path / "file").write_bytes(b"123456")
    assert files.read_regular(tmp_path / "file", most=6) == b"123456"
    with pytest.raises(files.IrregularFile, match="larger than 5 bytes"):
        files.read_regular(tmp_path / "file", most=5)


def test_remove_temporaries_spares_what_has_a_name(tmp_path: Path) -> None:
    (tmp_path / f"{files.TEMPORARY}abc").write_bytes(b"left by a kill")
    (tmp_path / "shard-00000.h5").write_bytes(b"kept")
    files.remove_temporaries(tmp_path)
    assert listing(tmp_path) == ["shard-00000.h5"]


def test_json_round_trip_has_one_form(tmp_path: Path) -> None:
    value = {"b": [1, 2.5, None], "a": "héllo 👩‍👩‍👧"}
    files.write_json(tmp_path / "one.json", value)
    files.write_json(tmp_path / "two.json", dict(reversed(value.items())))
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert files.read_json(tmp_path / "one.json") == value
    assert "héllo" in (tmp_path / "one.json").read_text(encoding="utf-8")


def test_json_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        files.write_json(tmp_path / "file.json", {"x": object()})
    assert listing(tmp_path) == []


def test_json_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_bytes(b"\xef\xbb\xbf" + json.dumps([1]).encode())
    assert files.read_json(tmp_path / "file.json") == [1]


def test_known_digests(tmp_path: Path) -> None:
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "file").write_bytes(b"abc")
    assert files.file_sha256(tmp_path / "file") == abc
    assert files.json_sha256({"b": 1, "a": [True]}) == files.json_sha256({"a": [True], "b": 1})
    assert files.json_sha256({"a": 1}) != files.json_sha256({"a": "1"})


def test_json_that_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    files.write_json(path, {"a": 1})
    before = path.stat().st_ino
    files.write_json(path, {"a": 1})
    assert path.stat().st_ino == before
    files.write_json(path, {"a": 2})
    assert files.read_json(path) == {"a": 2}


@pytest.mark.parametrize("items", [[], [[]], [["a", 1], {"b": "ü", "a": None}, "c"]])
def test_a_list_that_is_told_item_by_item_has_the_digest_of_the_whole(items):
    digest = files.ListDigest()
    for number, item in enumerate(items):
        assert digest.hexdigest() == files.json_sha256(items[:number])
        digest.add(item)
    assert digest.hexdigest() == files.json_sha256(items)
