"""Is every byte of a cache what was written?"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.sealed import check_sealed
from core.store.committed import Committed, read_committed
from core.store.directory import belongs
from core.store.key import corpus_digest
from core.store.manifest import MANIFEST, layout, read_manifest


def verify_cache(path: Path) -> list[str]:
    """Compare every byte of every file of a cache, but for its lock, and the files with each other.

    Returns:
        One sentence a problem; empty when every byte is as it was written.

    Raises:
        CacheError: the manifest itself is missing, damaged or not complete.
        OSError: a file is there and cannot be read.
    """
    manifest = read_named(path)
    problems = [*_other_bytes(path / MANIFEST)]
    shards = []
    for shard in manifest["shards"]:
        try:
            shards.append(_shard(path, shard, manifest))
        except CacheError as problem:
            problems.append(str(problem))
        else:
            problems += _other_bytes((path / shard["file"]).with_suffix(".json"))
    if len(shards) == len(manifest["shards"]):
        problems += _together(manifest, shards)
    return problems + [f"{name} is no shard of this cache" for name in strangers(path, manifest)]


def undigested(path: Path) -> list[str]:
    """The files of a sound cache that carry no digest, because an earlier version wrote them."""
    shards = [Path(shard["file"]) for shard in read_named(path)["shards"]]
    names = [MANIFEST, *(str(shard.with_suffix(".json")) for shard in shards)]
    return [name for name in names if not check_sealed(path / name)]


def read_named(path: Path) -> dict[str, Any]:
    """The manifest of a complete cache (see ``read_manifest``) that is the one of its directory.

    Raises:
        CacheError: it is of another cache than the directory's name says, too.
    """
    manifest = read_manifest(path)
    if not belongs(path, manifest["key"]):
        raise CacheError(
            f"{path} holds the cache {manifest['key'][:8]}, not that of its name: it was changed "
            "or renamed; run the same `features` command and take the directory that it prints "
            "(to `evaluate`: with --cache)"
        )
    return manifest


def strangers(path: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Files that are named like a shard and are none of those in the manifest."""
    stems = {Path(shard["file"]).stem for shard in manifest["shards"]}
    names = sorted(file.name for file in path.iterdir() if file.is_file())
    known = {f"{stem}{suffix}" for stem in stems for suffix in (".h5", ".json")}
    return [n for n in names if re.fullmatch(r"shard-\d+\.\w+", n) and n not in known]


def refuse_other_pictures(manifest: Mapping[str, Any], ids: list[str], digests: list[str]) -> None:
    """Hold the ids and digests of the shards against that of the key.

    Raises:
        CacheError: they are others, or one stands twice.
    """
    if corpus_digest(ids, digests) != manifest["fields"]["corpus"]:
        raise CacheError("the shards hold other pictures than the key was made from")
    if len(set(ids)) < len(ids):
        raise CacheError("an id stands twice in the shards")


def _shard(path: Path, shard: Mapping[str, Any], manifest: Mapping[str, Any]) -> Committed:
    expected = layout(manifest["fields"], shard["rows"])
    found = read_committed(path / shard["file"], expected, manifest["key"])
    if found.facts["sha256"] != shard["sha256"]:
        raise CacheError(f"{shard['file']} is damaged: its sha256 is not the one in {MANIFEST}")
    return found


def _together(manifest: Mapping[str, Any], shards: list[Committed]) -> Iterator[str]:
    ids = [image_id for shard in shards for image_id in shard.ids]
    digests = [digest for shard in shards for digest in shard.digests]
    try:
        refuse_other_pictures(manifest, ids, digests)
    except CacheError as problem:
        yield str(problem)
    failures = [failure for shard in shards for failure in shard.facts["failures"]]
    if failures != manifest["failures"]:
        yield f"{MANIFEST} is damaged: its failures are not those of the shards"


def _other_bytes(file: Path) -> Iterator[str]:
    """Bytes may differ where the values do not: 1e-05 and 1E-05."""
    try:
        check_sealed(file)
    except ValueError as problem:
        yield f"{file.name} is damaged: {problem}"
