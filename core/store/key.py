"""What makes the numbers of a cache, as one digest; another key is another directory."""

from collections.abc import Mapping
from typing import Any

from core.files import json_sha256

FORMAT = "tencrop-features/1"


def cache_key(fields: Mapping[str, Any]) -> str:
    """The SHA-256 of the format and of everything that makes the numbers, in hexadecimal.

    ``fields`` holds JSON values: backbone, weights, layers, transform, crops, keep, dtype, decoder,
    EXIF rule, corpus digest. What may not change a number (device, batch size) stays out.
    """
    return json_sha256({"format": FORMAT, **fields})


def corpus_digest(ids: list[str], digests: list[str]) -> str:
    """The field ``corpus``: one digest of the ids and the files' SHA-256, in the rows' order."""
    return json_sha256([list(pair) for pair in zip(ids, digests, strict=True)])
