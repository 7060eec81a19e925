"""What lies in a folder, by its names alone, looked at once while it is being recognised."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from core.corpora._endings import table_endings
from core.corpora._reading import refuse_surrogates
from core.errors import InputError
from core.pictures import is_picture
from core.work_folder import is_work_folder

ARCHIVE_ENDINGS = (
    *(".zip", ".npz", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar"),
)
IDLE = ("readme", "license", "licence", "copying", "changelog", "attribution")
"""What the name of a text begins with that tells of a folder, not of its pictures."""
_JUNK = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True)
class Survey:
    """``files``: the visible ones below ``root``, as paths with ``/``, sorted.

    ``closed``: (folder, why) of those below it that cannot be looked into.
    """

    root: Path
    files: tuple[str, ...]
    closed: tuple[tuple[Path, str], ...] = ()

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The files with the ending of a picture."""
        return tuple(name for name in self.files if is_picture(name))

    def checked_pictures(self) -> tuple[str, ...]:
        """``pictures``, whose names are ids.

        Raises:
            InputError: a file name that is not UTF-8, or a folder that cannot be read.
        """
        for folder, why in self.closed:
            raise InputError(f"{folder}: {why}; check its permissions")
        for name in self.pictures:
            refuse_surrogates(name, str(self.root))
        return self.pictures

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """The files directly in the folder."""
        return tuple(name for name in self.files if "/" not in name)

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """The files that may tell of pictures, or hold some: tables, texts, archives."""
        endings = table_endings() + ARCHIVE_ENDINGS
        told = (name for name in self.files if name.lower().endswith(endings))
        return tuple(name for name in told if not _is_idle(name))

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The files directly in the folder that may tell of pictures."""
        endings = table_endings()
        told = (name for name in self.beside if name.lower().endswith(endings))
        return tuple(name for name in told if not _is_idle(name))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The ``.txt`` files, but for those that tell of a folder."""
        told = (name for name in self.files if name.lower().endswith(".txt"))
        return tuple(name for name in told if not _is_idle(name))

    @cached_property
    def archives(self) -> tuple[str, ...]:
        """The files directly in the folder that hold others."""
        return tuple(name for name in self.beside if name.lower().endswith(ARCHIVE_ENDINGS))

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders directly in the folder that hold files, sorted."""
        return tuple(sorted({name.partition("/")[0] for name in self.files if "/" in name}))

    @cached_property
    def picture_folders(self) -> tuple[str, ...]:
        """The folders that pictures lie in, ``.`` for the folder itself, sorted."""
        return tuple(sorted({str(PurePosixPath(name).parent) for name in self.pictures}))


def _is_idle(name: str) -> bool:
    return name.rpartition("/")[2].lower().startswith(IDLE)


def files_in(folder: Path, closed: Callable[[OSError], None]) -> Iterator[str]:
    """The visible files below ``folder``, as paths relative to it with ``/``.

    Left out are hidden files and folders, what file managers leave behind (``Thumbs.db``,
    ``__MACOSX``), and a work folder of this program's, which may be made inside of a corpus. A link
    to a file counts, one to a folder is not entered. ``closed`` is told why a folder cannot be
    read.
    """
    start = len(str(folder).rstrip(os.sep)) + 1
    for parent, folders, files in os.walk(folder, onerror=closed):
        if len(parent) >= start and is_work_folder(folders, files):
            folders.clear()
            continue
        folders[:] = [name for name in folders if is_visible(name)]
        inner = parent[start:].replace(os.sep, "/")
        prefix = f"{inner}/" if inner else ""
        yield from (prefix + name for name in files if is_visible(name))


def is_visible(name: str) -> bool:
    """Whether a file or folder of this name is somebody's, not the system's."""
    return not name.startswith(".") and name.lower() not in _JUNK


_looked: ContextVar[dict[Path, Survey] | None] = ContextVar("looked", default=None)


@contextmanager
def looking_once() -> Iterator[None]:
    """In this block ``survey`` looks at each folder once."""
    token = _looked.set({} if _looked.get() is None else _looked.get())
    try:
        yield
    finally:
        _looked.reset(token)


def survey(folder: Path) -> Survey:
    """What lies in ``folder``; nothing where there is no folder.

    A folder below it that cannot be read is an error only where pictures are read from it
    (``Survey.checked_pictures``): beside a corpus there may lie anything.
    """
    known = _looked.get()
    if known is None:
        return _survey(folder)
    if folder not in known:
        above = known.get(folder.parent)
        known[folder] = _part(above, folder) if above else _survey(folder)
    return known[folder]


def _survey(folder: Path) -> Survey:
    """With what is in an ``images/`` that is a link, as people put it beside their tables."""
    if not folder.is_dir():
        return Survey(folder, ())
    linked = (each for each in folder.iterdir() if each.name.lower() == "images")
    faults: list[OSError] = []
    links = [each for each in linked if each.is_symlink()]
    inner = (f"{each.name}/{name}" for each in links for name in files_in(each, faults.append))
    files = sorted([*files_in(folder, faults.append), *inner])
    closed = tuple((Path(str(fault.filename)), str(fault.strerror)) for fault in faults)
    return Survey(folder, tuple(files), closed)


def _part(above: Survey, folder: Path) -> Survey:
    prefix = f"{folder.name}/"
    inner = tuple(n.removeprefix(prefix) for n in above.files if n.startswith(prefix))
    closed = tuple(each for each in above.closed if each[0].is_relative_to(folder))
    return Survey(folder, inner, closed) if inner else _survey(folder)
