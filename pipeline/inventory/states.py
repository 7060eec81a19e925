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
