"""A cache as a row: what it holds and how far it is, from its small files alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.sources import of_captions
from core.store.committed import read_facts
from core.store.extent import refuse_cut
from core.store.manifest import (
    MANIFEST,
    MEND,
    read_manifest,
    shard_count,
    shard_name,
    shard_rows,
    sound_manifest,
)
from pipeline.inventory.states import BEGUN, DAMAGED, FINISHED, bytes_of, mended, unreadable


@dataclass(frozen=True, slots=True)
class CacheRow:
    """A cache; what it does not tell is empty, and 0 for a number.

    Of a cache of captions ``backbone`` is the sentence encoder, and ``pictures`` are the captions.

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
    """The row of the cache in ``path``; of its shards no more is read than how long they are."""
    taken = bytes_of(path)
    try:
        manifest = sound_manifest(path)
        if manifest is None or manifest["complete"] is True:
            manifest = read_manifest(path)
    except CacheError as error:
        return CacheRow(path.name, path, DAMAGED, taken, why=str(error))
    except OSError as error:
        return CacheRow(path.name, path, DAMAGED, taken, why=unreadable(error))
    done, flaw = _shards(path, manifest)
    state = FINISHED if manifest["complete"] is True else BEGUN
    why = flaw if state == FINISHED else ""  # what is begun is gone on with, and computed again
    facts = _facts(path.name, manifest)
    return CacheRow(path.name, path, DAMAGED if why else state, taken, why, **facts, done=done)


def _facts(name: str, manifest: dict[str, Any]) -> dict[str, Any]:
    fields = manifest["fields"]
    captions = of_captions(fields)
    backbone = str(fields.get("encoder" if captions else "backbone", ""))
    return {
        "key": manifest["key"],
        "data": name.rpartition(f"-{backbone}-")[0] if backbone else "",
        "backbone": backbone,
        "weights": str(manifest.get("made_with", {}).get("weights", "")),
        "layer": "+".join(fields["layers"]),
        **{key: fields[key] for key in ("keep", "dtype")},
        "crops": 0 if captions else fields["crops"],
        "pictures": manifest["rows"],
    }


def _shards(path: Path, manifest: dict[str, Any]) -> tuple[int, str]:
    """How many pictures are in the shards that are there, and what is wrong with the first other.

    The length of each is looked at, and its .json is read; its own bytes are not.
    """
    rows, size, done, flaw = manifest["rows"], manifest["shard_size"], 0, ""
    named = [shard["sha256"] for shard in manifest.get("shards", ())]
    for number in range(shard_count(size, rows)):
        try:
            _refuse_flawed(path / shard_name(number), manifest["key"], *named[number : number + 1])
            done += len(shard_rows(number, size, rows))
        except CacheError as error:
            flaw = flaw or mended(str(path / str(error)), MEND)
        except OSError as error:
            flaw = flaw or unreadable(error)
    return done, flaw


def _refuse_flawed(file: Path, key: str, sha256: str = "") -> None:
    refuse_cut(file)
    facts = read_facts(file.with_suffix(".json"), key)
    if sha256 not in ("", facts["sha256"]):
        raise CacheError(f"{file.name} is damaged: its .json and {MANIFEST} tell other digests")
