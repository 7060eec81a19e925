"""A collection as files, in a folder of its own.

``collection.json``, sealed and written last, says what the vectors follow from and names by its
SHA-256 each file beside it: ``image.npy`` and ``caption.npy``, float32 in rows, and ``ids.json``,
the ids of these rows.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.files import (
    file_sha256,
    json_value,
    read_regular,
    remove_temporaries,
    replace_file,
    write_json,
)
from core.matrices import open_matrix
from core.matrix_written import write_matrix
from core.sealed import read_sealed, write_sealed
from core.vectors import Vectors
from pipeline.searched import strangers
from pipeline.searched.face import SIDES, Find

VECTORS, SAID, IDS = "vectors", "collection.json", "ids.json"
"""The folder of a run that holds its collections; what a collection says; the ids of its rows."""
FORMAT = "tencrop-collection/1"
COMPARED = 2**30
"""So many bytes are read and compared whenever a collection is opened: that takes a second."""
Blocks = Iterator[npt.NDArray[np.float32]]


def said(folder: Path) -> dict[str, Any] | None:
    """What ``collection.json`` says; None where it is missing, damaged or of another format."""
    try:
        told = read_sealed(folder / SAID)
    except (OSError, ValueError):
        return None
    return told if told.get("format") == FORMAT else None


def write(
    folder: Path,
    facts: Mapping[str, Any],
    ids: Mapping[str, npt.NDArray[np.str_]],
    blocks: Mapping[str, Blocks],
) -> dict[str, Vectors]:
    """Write a collection in the place of the one that is there, while nobody else does.

    Args:
        folder: of it.
        facts: what the vectors follow from, as JSON values.
        ids: by the name of a side, (n,) str.
        blocks: of each side its rows, (some, D) float32 each, one block after another.

    Returns:
        The vectors of each side, mapped.

    Raises:
        OSError: as ``core.files.replace_file``; what says that it is whole is not there then.
    """
    (folder / SAID).unlink(missing_ok=True)
    remove_temporaries(folder)
    for side, rows in blocks.items():
        _write_matrix(folder / _file(side), len(ids[side]), rows)
    write_json(folder / IDS, {side: each.tolist() for side, each in ids.items()})
    names = [*map(_file, blocks), IDS]
    files = {name: file_sha256(folder / name) for name in names}
    write_sealed(folder / SAID, {"format": FORMAT, **facts, "files": files})
    return {side: Vectors(ids[side], open_matrix(folder / _file(side))) for side in blocks}


def sides(folder: Path, told: Mapping[str, Any]) -> dict[str, Vectors] | None:
    """The vectors of each side, mapped: no number is read.

    Returns:
        None where a file is missing, or is not what ``told``, which ``said`` gave, says. The
        digests of what is larger than ``COMPARED`` in all are not compared: ``run verify`` does.
    """
    try:
        if sum((folder / name).stat().st_size for name in told["files"]) <= COMPARED:
            _refuse_other(folder, told["files"])
        ids = json_value(read_regular(folder / IDS))
        found: dict[str, Vectors] = {
            side: Vectors(np.array(ids[side], dtype=np.str_), open_matrix(folder / _file(side)))
            for side in SIDES.values()
            if _file(side) in told["files"]
        }
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return None
    # Another process may have written others meanwhile: they are told by what is said of them.
    return found if said(folder) == told else None


def refuse_strangers(folder: Path) -> None:
    """Refuse to write where files of these names are, and no collection (see ``strangers``)."""
    strangers.refuse_strangers(folder, SAID, {*map(_file, SIDES.values()), IDS})


def digests(folder: Path) -> dict[Find, str]:
    """The SHA-256 of the vectors of pictures and of captions, as a whole collection says them.

    Raises:
        InputError: it is none.
    """
    told = said(folder)
    if told is None:
        raise InputError(f"{folder} holds no vectors; make them with `search RUN SENTENCE`")
    files: dict[str, str] = told["files"]
    named = {find: _file(side) for find, side in SIDES.items()}
    return {find: files[name] for find, name in named.items() if name in files}


def flaws(folder: Path) -> Iterator[str]:
    """What is not as it was written in the collection ``folder``, a few words each."""
    try:
        files = read_sealed(folder / SAID)["files"].items()
    except (OSError, ValueError, KeyError, AttributeError):
        yield f"{folder.name}/{SAID} is missing or damaged"
        return
    for name, digest in files:
        try:
            if file_sha256(folder / name) != digest:
                yield f"{folder.name}/{name} is damaged"
        except OSError as error:
            yield f"{folder.name}/{name} cannot be read ({error.strerror})"


def collections(run: Path) -> list[Path]:
    """The folders of the collections that are kept in ``run``, by name."""
    return sorted(file.parent for file in (run / VECTORS).glob(f"*/{SAID}"))


def _refuse_other(folder: Path, files: Mapping[str, str]) -> None:
    for name, digest in files.items():
        if file_sha256(folder / name) != digest:
            raise ValueError(f"{name} is damaged")


def _file(side: str) -> str:
    return f"{side}.npy"


def _write_matrix(path: Path, rows: int, blocks: Blocks) -> None:
    first = next(blocks)
    with replace_file(path, size=4 * rows * first.shape[1]) as stream:
        write_matrix(stream, rows, first.shape[1], chain([first], blocks))
