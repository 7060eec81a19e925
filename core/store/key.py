"""What makes the numbers of a cache, as one digest; another key is another directory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.files import json_sha256, read_json

FORMAT = "tencrop-features/1"
MANIFEST = "cache.json"


def cache_key(fields: Mapping[str, Any]) -> str:
    """The SHA-256 of the format and of everything that makes the numbers, in hexadecimal.

    ``fields`` holds JSON values: backbone, weights, layers, transform, crops, keep, dtype, decoder,
    EXIF rule, corpus digest. What may not change a number (device, batch size) stays out.
    """
    return json_sha256({"format": FORMAT, **fields})


def directory_name(name: str, key: str) -> str:
    """The name of the cache's directory: readable, and unique by the key's first 8 digits."""
    return f"{name}-{key[:8]}"


def find_cache(root: Path, key: str) -> Path | None:
    """The directory under ``root`` whose cache has this key, complete or not; else None."""
    for folder in sorted(root.glob(f"*-{key[:8]}")):
        manifest = sound_manifest(folder)
        if manifest and manifest["key"] == key:
            return folder
    return None


def sound_manifest(folder: Path) -> dict[str, Any] | None:
    """What a writer may go on from, complete or not; None if it is missing or damaged."""
    file = folder / MANIFEST
    if not file.is_file():
        return None
    try:
        manifest = dict(read_json(file))
        sound = manifest["key"] == cache_key(manifest["fields"]) and manifest["shard_size"] >= 1
    except (ValueError, KeyError, TypeError):
        return None
    return manifest if sound else None
