"""Is all of a cache there? Asked before anything is locked or written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.store.directory import find_cache
from core.store.key import cache_key
from core.store.verify import verify_cache


def find_complete(root: Path, fields: Mapping[str, Any]) -> Path | None:
    """The directory under ``root`` of the complete, sound cache of these fields; else None.

    Each of its shards is read once. Nothing is written, so it serves where one may not write.

    Raises:
        OSError: a file is there and cannot be read; with its name.
    """
    path = find_cache(root, cache_key(fields))
    if path is None:
        return None
    try:
        return None if verify_cache(path) else path
    except CacheError:  # not complete, or damaged: a writer goes on with it
        return None
