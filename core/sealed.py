"""JSON files that carry their own digest, so that no byte of them can change unseen.

The field ``digest`` is the SHA-256 of the canonical JSON of all other fields. Files of earlier
versions have none: they are read, and a check says so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.files import json_bytes, json_sha256, keep_bytes, read_json, read_regular

DIGEST = "digest"


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Write the JSON values ``content`` with their digest among them, whole or not at all."""
    keep_bytes(path, sealed_bytes(content))


def sealed_bytes(content: Mapping[str, Any]) -> bytes:
    """What ``write_sealed`` writes."""
    return json_bytes({**content, DIGEST: json_sha256(content)})


def read_sealed(path: Path) -> dict[str, Any]:
    """What ``write_sealed`` was given.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is damaged or was changed.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    digest = content.pop(DIGEST, None)
    if digest is None:
        _refuse_renamed(content)
    elif digest != _digest(content):
        raise ValueError("its digest is another")
    return content


def check_sealed(path: Path) -> bool:
    """Whether ``path`` is, to the byte, as it was written; False where it carries no digest.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is damaged or was changed.
    """
    read_sealed(path)
    content = read_json(path)
    if json_bytes(content) != read_regular(path):
        raise ValueError("its bytes are not those that were written")
    return DIGEST in content


def is_as_written(path: Path) -> bool:
    """Whether ``check_sealed`` finds nothing: also where there is no digest."""
    try:
        check_sealed(path)
    except ValueError:
        return False
    return True


def _digest(content: Mapping[str, Any]) -> str:
    """That of what was read; half of a surrogate pair, which JSON may escape, has no bytes."""
    try:
        return json_sha256(content)
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None


def _refuse_renamed(content: Mapping[str, Any]) -> None:
    """One flipped bit in the field's name would make a file of today one without a digest."""
    for name in content:
        wrong = sum(ours != theirs for ours, theirs in zip(name, DIGEST, strict=False))
        if len(name) == len(DIGEST) and wrong == 1:
            raise ValueError(f"its digest is called {name!r}")
