"""The fields of a cache that is made up: what the store holds its shards against, and more."""

from collections.abc import Sequence
from typing import Any

from core.store.key import corpus_digest


def fields_of(
    pictures: Sequence[tuple[str, str]], layers: dict[str, list[int]], **more: Any
) -> dict[str, Any]:
    """Of (id, digest) pairs, and each layer's shape of one crop; one crop unless ``more`` says."""
    ids, digests = [name for name, _ in pictures], [digest for _, digest in pictures]
    corpus = corpus_digest(ids, digests)
    usual = {"crops": 1, "keep": "mean", "dtype": "float32", "corpus": corpus}
    return {"layers": layers, **usual, **more}
