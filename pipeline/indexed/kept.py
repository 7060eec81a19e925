"""An index as files in the folder of its collection.

``index-FIND.json``, sealed and written last, says of which vectors it is, how it was made, how much
it finds, and names by its SHA-256 the file of FAISS beside it, ``index-FIND-KEY.faiss``: so that
the one that was there serves until another is whole.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from core.errors import InputError
from core.files import file_sha256, json_sha256, replace_file
from core.sealed import read_sealed, write_sealed
from pipeline.indexed.kinds import Plan
from pipeline.indexed.unit import Unit
from pipeline.searched.face import Find
from pipeline.searched.kept import digests

if TYPE_CHECKING:
    from pipeline.indexed.library import Index

FORMAT = "tencrop-index/1"
AGAIN = "build it again with `index`"


def record_of(folder: Path, find: Find) -> Path:
    """The file that says what an index is."""
    return folder / f"index-{find}.json"


def said(folder: Path, find: Find) -> dict[str, Any] | None:
    """What is said of the index; None where there is none, or what is there is damaged."""
    try:
        told = read_sealed(record_of(folder, find))
    except (OSError, ValueError):
        return None
    return told if told.get("format") == FORMAT else None


def write(folder: Path, find: Find, index: "Index", facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write an index in the place of the one that is there, while nobody else does.

    Returns:
        What is said of it: ``facts``, which are JSON values, and its file.

    Raises:
        OSError: as ``core.files.replace_file``; the one that was there is as it was then.
    """
    path = folder / f"index-{find}-{json_sha256(facts)[:8]}.faiss"
    with replace_file(path) as stream:
        index.write(stream)
    size, digest = path.stat().st_size, file_sha256(path)
    told = {"format": FORMAT, **facts, "file": path.name, "sha256": digest, "bytes": size}
    write_sealed(record_of(folder, find), told)
    for other in folder.glob(f"index-{find}-*.faiss"):
        if other != path:
            other.unlink(missing_ok=True)
    return told


def flaws(folder: Path) -> Iterator[str]:
    """What is not as it was written of the indexes of a collection, with the way out."""
    for find in get_args(Find):
        record = record_of(folder, find)
        told = said(folder, find)
        if record.exists() and not (told and is_whole(folder, told)):
            yield f"{folder.name}/{record.name}, or its index, is damaged or gone; {AGAIN}"


def is_whole(folder: Path, told: Mapping[str, Any]) -> bool:
    """Whether every byte of the index is as ``told``."""
    try:
        return file_sha256(folder / str(told["file"])) == str(told["sha256"])
    except (OSError, KeyError):
        return False


def load(folder: Path, find: Find, line: str) -> "tuple[Index, dict[str, Any]]":
    """The index of a collection's vectors, and what is said of it; ``line`` builds one.

    Raises:
        InputError: there is none, it is of other vectors, or damaged; or FAISS is not installed.
    """
    if not record_of(folder, find).exists():
        raise InputError(f"{folder} has no index of {find}; build one: {line}")
    told = said(folder, find)
    if told is None:
        raise InputError(f"{record_of(folder, find)} is damaged; build it again: {line}")
    if told["vectors"] != digests(folder).get(find):
        raise InputError(
            f"{folder}: the vectors are others since the index was built; build it again: {line}"
        )
    if not is_whole(folder, told):
        raise InputError(f"{folder / str(told['file'])} is damaged or gone; build it again: {line}")

    from pipeline.indexed.library import read

    unit = Unit(told["width"], told["longest"])
    plan = Plan(told["kind"], told["count"], told["room"])
    return read(folder / told["file"], plan, unit), told
