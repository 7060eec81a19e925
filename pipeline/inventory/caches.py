"""A cache as a row: what it holds and how far it is, from its small files alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.store.manifest import MEND, read_manifest, shard_name, shard_rows, sound_manifest
from pipeline.inventory.states import BEGUN, DAMAGED, FINISHED, bytes_of


@dataclass(frozen=True, slots=True)
class CacheRow:
    """A cache; what it does not tell is empty, and 0 for a number.

    ``done`` of its ``pictures`` are there. ``data`` is the name of the corpus that it was made
    for first. ``why`` says what is damaged, with the way out.
    """

    name: str
    path: Path
    state: str
    bytes: int
    why: str = ""
    key: str = ""
    data: str = ""
    backbone: str = ""
    weights: str = ""
    layer: str = ""
    crops: int = 0
    keep: str = ""
    dtype: str = ""
    pictures: int = 0
    done: int = 0


def cache_row(path: Path) -> CacheRow:
    """The row of the cache in ``path``; its shards are looked for, and not read."""
    taken = bytes_of(path)
    try:
        manifest = sound_manifest(path)
        if manifest is None or manifest["complete"] is True:
            manifest = read_manifest(path)
    except (CacheError, OSError) as error:
        return CacheRow(path.name, path, DAMAGED, taken, why=str(error))
    done, gone = _shards(path, manifest)
    state = FINISHED if manifest["complete"] is True else BEGUN
    why = f"{path / gone} is missing; {MEND}" if gone and state == FINISHED else ""
    facts = _facts(path.name, manifest)
    return CacheRow(path.name, path, DAMAGED if why else state, taken, why, **facts, done=done)


def _facts(name: str, manifest: dict[str, Any]) -> dict[str, Any]:
    fields = manifest["fields"]
    backbone = str(fields.get("backbone", ""))
    return {
        "key": manifest["key"],
        "data": name.rpartition(f"-{backbone}-")[0] if backbone else "",
        "backbone": backbone,
        "weights": str(manifest.get("made_with", {}).get("weights", "")),
        "layer": "+".join(fields["layers"]),
        **{key: fields[key] for key in ("crops", "keep", "dtype")},
        "pictures": manifest["rows"],
    }


def _shards(path: Path, manifest: dict[str, Any]) -> tuple[int, str]:
    """How many pictures are in the shards that are there, and the first file that is not."""
    rows, size, done, gone = manifest["rows"], manifest["shard_size"], 0, ""
    for number, first in enumerate(range(0, rows, size)):
        file = Path(shard_name(number))
        lacks = [name for name in (file, file.with_suffix(".json")) if not (path / name).is_file()]
        gone = gone or (str(lacks[0]) if lacks else "")
        done += 0 if lacks else len(shard_rows(first // size, size, rows))
    return done, gone
