"""How far a cache or a run is, as one word; and the bytes that it takes."""

import os
from collections.abc import Iterator
from pathlib import Path

from core.files import TEMPORARY

FINISHED, BEGUN, DAMAGED = "finished", "begun", "damaged"


def bytes_of(folder: Path) -> int:
    """The bytes of all files below ``folder``; those that go meanwhile do not count."""
    return sum(_sizes(folder))


def folders(root: Path) -> list[Path]:
    """The directories in ``root``, by name, but for private ones; none where ``root`` is none."""
    try:
        there = sorted(root.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [path for path in there if path.is_dir() and not path.name.startswith(TEMPORARY)]


def _sizes(folder: Path) -> Iterator[int]:
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                yield (Path(parent) / name).lstat().st_size
            except FileNotFoundError:
                continue


def unreadable(error: OSError) -> str:
    """What a row says of a file that cannot be read."""
    see = "see to that (chmod u+rwX): it may be whole"
    return f"{error.filename} cannot be read ({error.strerror}); {see}"


def mended(flaw: str, mend: str) -> str:
    """A flaw with its way out; what is no file of bytes is in the way of any mending."""
    first = "move it elsewhere and " if flaw.endswith("is not a regular file") else ""
    return f"{flaw}; {first}{mend}"
