"""What is written where: never over a file that is not ours, nor into the corpus that is read."""

import re
from pathlib import Path

from core.errors import RunError, SettingError
from core.files import json_value, read_regular
from core.lock import LOCK

OURS = re.compile(rb'"format": "tencrop-collection/|\A\{\n "biased": ')
"""What ``kept.write`` writes into a collection's word, or begins it with."""
HOLDER = re.compile(rb"process \d+ on ")


def refuse_strangers(folder: Path, said: str, names: set[str]) -> None:
    """Refuse to write where files of the same names are, and no collection.

    A folder in which a collection was cut short holds its lock, or what is left of its own word.

    Args:
        folder: where a collection would be written.
        said: the name of the file that says what it is.
        names: of the other files.

    Raises:
        RunError: they are somebody else's.
    """
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if there & {said, *names} and not _is_ours(folder, said in there, said):
        raise RunError(f"{folder} holds files that are no vectors of ours; choose another --out")


def refuse_inside(out: Path, corpus: Path) -> None:
    """Refuse to write into the folder of the pictures.

    Raises:
        SettingError: ``out`` is in it.
    """
    if corpus.is_dir() and out.resolve().is_relative_to(corpus.resolve()):
        raise SettingError(f"{out} is inside the corpus {corpus}; choose another --out")


def _is_ours(folder: Path, is_said: bool, said: str) -> bool:
    word = _bytes(folder / said) if is_said else b""
    if OURS.search(word):
        return True
    return bool(HOLDER.match(_bytes(folder / LOCK))) and not _whole(word)


def _whole(word: bytes) -> bool:
    """Whether it is somebody's whole JSON, and nothing that was cut short."""
    try:
        return json_value(word) is not None
    except ValueError:
        return False


def _bytes(file: Path) -> bytes:
    try:
        return read_regular(file)
    except OSError:
        return b""
