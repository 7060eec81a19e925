"""Which directory a cache is: its name ends with the first digits of its key."""

import re
from pathlib import Path

from core.store.manifest import sound_manifest

SHORT = 8  # digits of the key in a name, unless that name is taken


def directory_name(name: str, key: str) -> str:
    """The name of the cache's directory: readable, and unique by the key's first 8 digits."""
    return f"{name}-{key[:SHORT]}"


def find_cache(root: Path, key: str) -> Path | None:
    """The directory under ``root`` whose cache has this key, complete or not; else None.

    Raises:
        OSError: ``root`` or a manifest is there and cannot be read.
    """
    for folder in _named_after(root, key):
        manifest = sound_manifest(folder)
        if manifest and manifest["key"] == key:
            return folder
    return None


def place(root: Path, name: str, key: str) -> Path:
    """The directory of this cache, there already or not; never one that holds another key.

    A directory whose manifest was changed, or that was renamed, may have the name that this key
    asks for. It is left as it is, and the whole key ends the new name.
    """
    found = find_cache(root, key)
    if found:
        return found
    usual = root / directory_name(name, key)
    there = sound_manifest(usual)
    return root / f"{name}-{key}" if there and there["key"] != key else usual


def belongs(folder: Path, key: str) -> bool:
    """Whether the name of ``folder`` says this key, or says none, as that of a copy may."""
    said = re.search(rf"-([0-9a-f]{{{SHORT}}}|[0-9a-f]{{64}})$", folder.resolve().name)
    return not said or key.startswith(said[1])


def _named_after(root: Path, key: str) -> list[Path]:
    try:
        folders = sorted(root.iterdir())  # unlike glob, it hides no error
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [each for each in folders if each.name.endswith((f"-{key[:SHORT]}", f"-{key}"))]
