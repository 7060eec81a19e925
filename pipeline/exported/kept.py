"""An export as a folder, whole or not at all, with a sealed file that says what it is."""

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.files import TEMPORARY, file_sha256
from core.leftovers import tidy
from core.removal import remove_folder
from core.sealed import read_sealed, write_sealed
from pipeline.exported.formats import FORMATS
from pipeline.exported.rows import ExportedSide

SAID, FORMAT = "export.json", "tencrop-export/1"
SAME = ("model", "corpus", "splits", "as", "vectors")
"""What an export follows from."""


def is_there(folder: Path, facts: Mapping[str, Any], *, own: bool = False) -> bool:
    """Whether the export of these facts is in ``folder``, to the byte.

    Args:
        folder: of the export.
        facts: what it follows from, under the names ``SAME``.
        own: nobody but an export has named the folder: what is there is whole, or is ours and can
            be written anew.

    Raises:
        InputError: something else is there.
    """
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return False
    flaw = _flaw(folder, facts)
    if flaw and not own:
        raise InputError(f"{folder} {flaw}; move it away, or choose another --out")
    return not flaw


def _flaw(folder: Path, facts: Mapping[str, Any]) -> str:
    try:
        told = read_sealed(folder / SAID)
    except (OSError, ValueError):
        told = {}
    if told.get("format") != FORMAT:
        return "is there, and is no whole export"
    if any(told.get(name) != facts[name] for name in SAME):
        return "holds an export of something else"
    if any(_digest(folder / name) != digest for name, digest in told["files"].items()):
        return "is not as it was written"
    return ""


def write(folder: Path, sides: Sequence[ExportedSide], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write the export, in the place of what ``is_there`` lets go, and return what it says.

    The folder has its name when all of it is on the disk.

    Raises:
        OSError: as ``core.files.replace_file``, and nothing is there then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    tidy(folder.parent)
    private = folder.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
    private.mkdir()
    try:
        told = {"format": FORMAT, **facts}
        names = [name for side in sides for name in FORMATS[facts["as"]](side, private, told)]
        told["files"] = {name: file_sha256(private / name) for name in names}
        write_sealed(private / SAID, told)
        if folder.is_dir() and any(folder.iterdir()):
            remove_folder(folder)
        private.rename(folder)
    except BaseException:
        shutil.rmtree(private, ignore_errors=True)
        raise
    return told


def _digest(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError:
        return ""
