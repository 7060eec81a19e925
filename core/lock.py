"""One writer a folder: an advisory lock that the system drops when its holder dies."""

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import BusyError
from core.files import IrregularFile

LOCK = ".lock"
MOST_BYTES = 200  # of the holder's name


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for writing.

    Raises:
        BusyError: another process holds it; the message names the process.
        OSError: the lock may not be opened or written, or is no regular file; with its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / LOCK
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        try:
            _hold(handle, folder)
        except OSError as error:
            if error.filename:
                raise
            raise OSError(error.errno, error.strerror, str(file)) from error
        yield
    finally:
        os.close(handle)


def _hold(handle: int, folder: Path) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise IrregularFile(errno.EINVAL, "is not a regular file", str(folder / LOCK))
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError(
            f"{folder} is being written by {_holder(handle)}; "
            "wait for it to end and run the same command again: it goes on from there"
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)


def _holder(handle: int) -> str:
    """What the lock says, whatever bytes it holds."""
    said = os.pread(handle, MOST_BYTES, 0).decode("utf-8", errors="replace")
    return " ".join("".join(c if c.isprintable() else " " for c in said).split()) or (
        "another process"
    )
