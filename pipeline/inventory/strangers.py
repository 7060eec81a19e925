"""What of a cache's or a run's folder no command wrote: it is not removed with the rest."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.files import read_json
from core.lock import LOCK
from core.predictions import CAPTIONS, EMBEDDINGS
from core.store.manifest import MANIFEST
from evaluate.kept import PAGE, REPORT
from pipeline.inventory.caches import CacheRow
from pipeline.inventory.runs import RunRow
from pipeline.plots.events import EVENTS, FOLDER
from pipeline.searched.kept import VECTORS
from train.record import CONFIG, LAST, PREVIOUS

_OURS = {
    CacheRow: re.compile(r"cache\.json|shard-\d+\.(h5|json)"),
    RunRow: re.compile(
        r"(config|vocab|seen|last|previous|backbone)\.json|metrics\.jsonl|(curves|map-.+)\.png"
        r"|(model|backbone|(best|last|state)-.*)\.safetensors"
    ),
}
"""The names of the files that commands write, beside the lock and private ones."""
_VECTORS = re.compile(r"(collection|ids)\.json|(image|caption)\.npy|index-.*\.(json|faiss)")
_PRIVATE = re.compile(rf"{re.escape(LOCK)}|\.tmp-.*")
_RUN = "tencrop-run/"
FORMATS = {MANIFEST: "tencrop-features/", CONFIG: _RUN, LAST: _RUN, PREVIOUS: _RUN}


def says(place: Path, file: str) -> bool:
    """Whether ``file`` says that it is of ours: a config.json alone many programs write."""
    try:
        content = read_json(place / file)
    except (OSError, ValueError):
        return False
    stated = content.get("format") if isinstance(content, dict) else None
    return isinstance(stated, str) and stated.startswith(FORMATS[file])


def is_ours(place: Path) -> bool:
    """Whether a writer of ours was in this folder: its lock is there, or a file says so.

    So is a folder that holds nothing.
    """
    known = any(says(place, file) for file in FORMATS)
    return known or (place / LOCK).exists() or not any(place.iterdir())


def strangers(row: CacheRow | RunRow) -> list[str]:
    """What no command wrote there, by its path below the folder, sorted."""
    return sorted(_strangers(row))


def _strangers(row: CacheRow | RunRow) -> Iterator[str]:
    for each in row.path.iterdir():
        folder = each.is_dir() and not each.is_symlink()
        if _PRIVATE.fullmatch(each.name) or (not folder and _OURS[type(row)].fullmatch(each.name)):
            continue
        if folder and isinstance(row, RunRow) and each.name.startswith("eval-"):
            yield from _in_report(each)
        elif folder and isinstance(row, RunRow) and each.name == FOLDER:
            yield from (f"{FOLDER}/{file.name}" for file in each.iterdir() if not _is_event(file))
        elif folder and isinstance(row, RunRow) and each.name == VECTORS:
            yield from (f"{VECTORS}/{file}" for file in _beside_vectors(each))
        else:
            yield each.name


def _is_event(file: Path) -> bool:
    return file.match(EVENTS) and not file.is_dir()


def _beside_vectors(folder: Path) -> Iterator[str]:
    """What is in no collection of ``folder``, or in one and not ours."""
    for each in folder.iterdir():
        inner = each.is_dir() and not each.is_symlink()
        for file in each.iterdir() if inner else [each]:
            ours = inner and not file.is_dir() and _VECTORS.fullmatch(file.name)
            if not (ours or _PRIVATE.fullmatch(file.name)):
                yield str(file.relative_to(folder))


def _in_report(folder: Path) -> Iterator[str]:
    """A report names what was predicted; of one that is damaged or gone, the usual names tell."""
    known = {REPORT, PAGE, EMBEDDINGS, CAPTIONS} | _named(folder)
    for each in folder.iterdir():
        nested = each.is_dir() and not each.is_symlink()
        if not _PRIVATE.fullmatch(each.name) and (nested or each.name not in known):
            yield f"{folder.name}/{each.name}"


def _named(folder: Path) -> set[str]:
    try:
        files = read_json(folder / REPORT).get("files")
    except (OSError, ValueError, AttributeError):
        return set()
    return set(files) if isinstance(files, dict) else set()
