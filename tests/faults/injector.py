"""Sees every operation on the files below one folder, and lets a chosen one fail or be the last.

Python's own doors are watched (``open``, the functions of ``os``, locks) and HDF5's opening of a
file; what a C library reads afterwards through a map or a handle of its own is not.
"""

import builtins
import errno
import fcntl
import io
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import h5py

DEATH = -signal.SIGKILL
FAULTS = {
    "EIO": errno.EIO,
    "ENOSPC": errno.ENOSPC,
    "EACCES": errno.EACCES,
    "EMFILE": errno.EMFILE,
    "death": DEATH,
}
CHANGES = frozenset({"create", "mkdir", "rename", "truncate", "unlink", "write"})
"""The kinds of operation that a disk for reading refuses."""

_BY_PATH = {
    "lstat": "stat",
    "stat": "stat",
    "listdir": "list",
    "scandir": "list",
    "mkdir": "mkdir",
    "rmdir": "unlink",
    "remove": "unlink",
    "unlink": "unlink",
    "truncate": "truncate",
}
_BY_HANDLE = {
    "fstat": "stat",
    "fsync": "fsync",
    "ftruncate": "truncate",
    "pread": "read",
    "read": "read",
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_open, _stat = io.open, os.lstat


class Operation(NamedTuple):
    """What is about to happen: ``path`` is below the folder; ``source`` is what takes its name."""

    kind: str
    path: str
    source: str = ""


Rule = Callable[[Operation, int], int | None]
"""The operation and its number, from 1 -> an errno, ``DEATH``, or None to let it happen."""


def nothing(operation: Operation, number: int) -> None:
    """Let all happen."""


def fail_once(at: int, fault: int) -> Rule:
    """Let the operation with the number ``at`` fail, and no other."""
    return lambda operation, number: fault if number == at else None


def read_only(*folders: Path) -> Rule:
    """Refuse each change below ``folders``, as a disk does that is there for reading."""
    roots = tuple(f"{folder}{os.sep}" for folder in folders)

    def rule(operation: Operation, number: int) -> int | None:
        kept = operation.kind not in CHANGES or not f"{operation.path}{os.sep}".startswith(roots)
        # Of a folder that is there the system says so first.
        kept = kept or (operation.kind == "mkdir" and _is_there(operation.path))
        return None if kept else errno.EROFS

    return rule


class Watch:
    """What has been seen below ``root``, in ``seen``; each is put to ``rule`` before it happens."""

    def __init__(self, root: Path, rule: Rule = nothing):
        """Watch nothing before ``watching``."""
        self.root = os.path.realpath(root)
        self.seen: list[Operation] = []
        self._rule = rule
        self._names: dict[int, str] = {}

    def name(self, file: Any) -> str | None:
        """The absolute path of a path or a handle; None for what is not below the root."""
        if isinstance(file, int):
            return self._names.get(file)
        path = os.path.abspath(os.fsdecode(file))  # noqa: PTH100 (which follows links)
        return path if path == self.root or path.startswith(self.root + os.sep) else None

    def opened(self, handle: int, name: str) -> None:
        """From now on ``handle`` is ``name``."""
        self._names[handle] = name

    def closed(self, handle: int) -> None:
        """From now on ``handle`` is nothing."""
        self._names.pop(handle, None)

    def meet(
        self,
        kind: str,
        path: str,
        *,
        source: str = "",
        named: bool = True,
        partly: Callable[[], Any] = lambda: None,
    ) -> None:
        """Count an operation; fail in its place, after it was done ``partly``, or die there.

        ``named``: whether the system's error would name the file; that of a handle does not.
        """
        self.seen.append(Operation(kind, path, source))
        fault = self._rule(self.seen[-1], len(self.seen))
        if fault is None:
            return
        partly()
        if fault == DEATH:
            os.kill(os.getpid(), signal.SIGKILL)
        names = [path] if named else []
        raise OSError(fault, os.strerror(fault), *names)


class WatchedFile(io.FileIO):
    """A file whose every read and write is met by a ``Watch``."""

    def __init__(self, watch: Watch, file: Any, name: str, mode: str, **options: Any):
        """Open ``file``, a path or a handle, of which ``name`` is the path."""
        self._watch, self._path = watch, name
        if not isinstance(file, int):
            watch.meet("open" if mode == "r" else "create", name)
        super().__init__(file, mode, **options)
        watch.opened(self.fileno(), name)

    def read(self, size: int | None = -1) -> bytes | None:
        self._watch.meet("read", self._path, named=False)
        return super().read(-1 if size is None else size)

    def readall(self) -> bytes | None:
        self._watch.meet("read", self._path, named=False)
        return super().readall()

    def readinto(self, buffer: Any) -> int | None:
        self._watch.meet("read", self._path, named=False)
        return super().readinto(buffer)

    def write(self, data: Any) -> int | None:
        view = memoryview(data).cast("B")
        half = view[: len(view) // 2]
        partly = partial(io.FileIO.write, self, half)
        self._watch.meet("write", self._path, named=False, partly=partly)
        return super().write(view)

    def truncate(self, size: int | None = None) -> int:
        self._watch.meet("truncate", self._path, named=False)
        return super().truncate(size)

    def close(self) -> None:
        if not self.closed:
            self._watch.closed(self.fileno())
        super().close()


@contextmanager
def watching(watch: Watch) -> Iterator[Watch]:
    """``watch`` meets every operation inside."""
    doors: dict[tuple[Any, str], Any] = {
        (io, "open"): _opening(watch),
        (builtins, "open"): _opening(watch),
        (os, "open"): _opening_handle(watch),
        (os, "close"): _closing(watch),
        (os, "write"): _writing(watch),
        (os, "rename"): _renaming(watch, os.rename),
        (os, "replace"): _renaming(watch, os.replace),
        (fcntl, "flock"): _locking(watch),
        (h5py.h5f, "open"): _by_path(watch, "open", h5py.h5f.open),
    }
    doors |= {(os, n): _by_path(watch, kind, getattr(os, n)) for n, kind in _BY_PATH.items()}
    doors |= {(os, n): _by_handle(watch, kind, getattr(os, n)) for n, kind in _BY_HANDLE.items()}
    with ExitStack() as stack:
        for (module, name), door in doors.items():
            stack.enter_context(patch.object(module, name, door))
        yield watch


def _is_there(path: str) -> bool:
    try:
        _stat(path)
    except OSError:
        return False
    return True


def _opening(watch: Watch) -> Callable[..., Any]:
    def door(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        name = watch.name(file)
        if name is None or opener:
            return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        plain = mode.replace("b", "").replace("t", "")
        raw = WatchedFile(watch, file, name, plain, closefd=closefd)
        if buffering == 0:
            return raw
        reads, both = plain == "r", "+" in plain
        buffer = io.BufferedRandom if both else io.BufferedReader if reads else io.BufferedWriter
        stream = buffer(raw)  # type: ignore[arg-type, type-var]
        return stream if "b" in mode else io.TextIOWrapper(stream, encoding, errors, newline)

    return door


def _opening_handle(watch: Watch, real: Any = os.open) -> Callable[..., int]:
    def door(path: Any, flags: int, *args: Any, **options: Any) -> int:
        name = watch.name(path)
        if name is not None:
            watch.meet("create" if flags & _WRITING else "open", name)
        handle: int = real(path, flags, *args, **options)
        if name is not None:
            watch.opened(handle, name)
        return handle

    return door


def _closing(watch: Watch, real: Any = os.close) -> Callable[..., None]:
    def door(handle: int) -> None:
        watch.closed(handle)
        real(handle)

    return door


def _writing(watch: Watch, real: Any = os.write) -> Callable[..., int]:
    def door(handle: int, data: Any) -> int:
        name = watch.name(handle)
        if name is not None:
            half = bytes(data)[: len(data) // 2]
            watch.meet("write", name, named=False, partly=lambda: real(handle, half))
        written: int = real(handle, data)
        return written

    return door


def _renaming(watch: Watch, real: Any) -> Callable[..., None]:
    def door(source: Any, target: Any, **options: Any) -> None:
        name = watch.name(target)
        if name is not None:
            watch.meet("rename", name, source=os.fsdecode(source))
        real(source, target, **options)

    return door


def _locking(watch: Watch, real: Any = fcntl.flock) -> Callable[..., None]:
    def door(file: Any, operation: int) -> None:
        name = watch.name(file if isinstance(file, int) else file.fileno())
        if name is not None:
            watch.meet("lock", name, named=False)
        real(file, operation)

    return door


def _by_path(watch: Watch, kind: str, real: Any) -> Callable[..., Any]:
    def door(path: Any = ".", *args: Any, **options: Any) -> Any:
        name = watch.name(path)
        if name is not None:
            watch.meet(kind, name, named=not isinstance(path, int))
        return real(path, *args, **options)

    return door


def _by_handle(watch: Watch, kind: str, real: Any) -> Callable[..., Any]:
    def door(handle: Any, *args: Any) -> Any:
        name = watch.name(handle if isinstance(handle, int) else handle.fileno())
        if name is not None:
            watch.meet(kind, name, named=False)
        return real(handle, *args)

    return door
