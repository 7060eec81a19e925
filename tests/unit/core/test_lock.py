"""The lock of a folder: whatever its file is, an answer in one line."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BusyError
from core.files import IrregularFile
from core.lock import LOCK, exclusive

HOLD = """
import fcntl, sys
stream = open(sys.argv[1], "rb+")
fcntl.flock(stream, fcntl.LOCK_EX)
print("holding", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A folder that another process holds, with whatever a test writes into the lock."""
    (tmp_path / LOCK).touch()
    command = [sys.executable, "-c", HOLD, str(tmp_path / LOCK)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield tmp_path
        process.kill()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"process 12 on here\n", "process 12 on here"),
        (b"", "another process"),
        (b" \n\x00\x1b[2J\n", "[2J"),
        (b"process \xff\xfe on \x80\n", "process \ufffd\ufffd on \ufffd"),
        (b"x" * 10**6, "x" * 200),
    ],
)
def test_a_busy_folder_names_its_holder(held: Path, content: bytes, said: str) -> None:
    (held / LOCK).write_bytes(content)
    with pytest.raises(BusyError) as caught, exclusive(held):
        pass
    assert f"is being written by {said}; wait for it" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_dead_holder_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_bytes(b"\xff" * 300)
    with exclusive(tmp_path):
        text = (tmp_path / LOCK).read_text()
    assert text.startswith(f"process {os.getpid()} on ")
    assert text.count("\n") == 1


def test_a_lock_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK)
    with (
        pytest.raises(IrregularFile, match=r"is not a regular file: .*\.lock"),
        exclusive(tmp_path),
    ):
        pass
    (tmp_path / LOCK).unlink()
    (tmp_path / LOCK).mkdir()
    with pytest.raises(IsADirectoryError, match=r"\.lock"), exclusive(tmp_path):
        pass


@pytest.mark.parametrize("call", ["open", "ftruncate", "pwrite", "fstat"])
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EMFILE, errno.ENOSPC])
def test_a_fault_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    def fails(*given: object, **named: object) -> None:
        raise OSError(code, os.strerror(code), *(given[:1] if call == "open" else ()))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(OSError, match=r"\.lock") as caught, exclusive(tmp_path):
            pass
    assert caught.value.errno == code
    with exclusive(tmp_path):
        pass


def test_what_fails_inside_is_not_taken_for_the_lock(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="^made up$"), exclusive(tmp_path):
        raise OSError("made up")
    with exclusive(tmp_path):
        pass
