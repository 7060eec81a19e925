"""Is every byte of a cache what was written?"""

from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.files import file_sha256, read_json
from core.store.key import FORMAT, MANIFEST, cache_key


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a complete cache.

    Raises:
        CacheError: no cache there, another format, or an extraction that has not ended.
    """
    file = path / MANIFEST
    if not file.is_file():
        raise CacheError(f"{path} is not a feature cache (no {MANIFEST}); make one with `features`")
    try:
        manifest = dict(read_json(file))
        _refuse(path, manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise CacheError(
            f"{file} is damaged ({type(error).__name__}: {error}); "
            "run the same `features` command to mend it"
        ) from error
    return manifest


def _refuse(path: Path, manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise CacheError(
            f"{path} has format {manifest['format']!r}, not {FORMAT!r}; run `features` again"
        )
    if manifest["key"] != cache_key(manifest["fields"]):
        raise CacheError(
            f"{path / MANIFEST} was changed: its key is not that of its fields; run `features`"
        )
    if not manifest["complete"]:
        raise CacheError(f"{path} is not complete; run the same `features` command to finish it")
    if sum(shard["rows"] for shard in manifest["shards"]) != manifest["rows"]:
        raise ValueError(f"its shards do not add up to {manifest['rows']} rows")
    for shard in manifest["shards"]:
        if Path(shard["file"]).name != shard["file"] or len(shard["sha256"]) != 64:
            raise ValueError(f"{shard['file']!r} is no shard")


def verify_cache(path: Path) -> list[str]:
    """Compare every shard with the digest in the manifest.

    Returns:
        One sentence a problem; empty when every byte is as it was written.

    Raises:
        CacheError: the manifest itself is missing, damaged or not complete.
    """
    problems = []
    for shard in read_manifest(path)["shards"]:
        file = path / shard["file"]
        if not file.is_file():
            problems.append(f"{file.name} is missing")
        elif file_sha256(file) != shard["sha256"]:
            problems.append(f"{file.name} is damaged: its sha256 is not the one in {MANIFEST}")
    return problems
