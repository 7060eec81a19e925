"""Caches that are made up: what the store holds their shards against, and more."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.store import FeatureCache, FeatureWriter
from core.store.key import corpus_digest


def fields_of(
    pictures: Sequence[tuple[str, str]], layers: dict[str, list[int]], **more: Any
) -> dict[str, Any]:
    """Of (id, digest) pairs, and each layer's shape of one crop; one crop unless ``more`` says."""
    ids, digests = [name for name, _ in pictures], [digest for _, digest in pictures]
    corpus = corpus_digest(ids, digests)
    usual = {"crops": 1, "keep": "mean", "dtype": "float32", "corpus": corpus}
    return {"layers": layers, **usual, **more}


def cache_of(
    root: Path,
    pictures: Sequence[tuple[str, str]],
    seed: int,
    *,
    layers: Mapping[str, int] | None = None,
    failures: Mapping[str, str] | None = None,
    **more: Any,
) -> FeatureCache:
    """Random pooled features of (id, digest) pairs; ``more`` are fields, ``layers`` widths."""
    widths = layers or {"pooled": 6}
    fields = fields_of(pictures, {name: [width] for name, width in widths.items()}, **more)
    crops = fields["crops"] if fields["keep"] == "all" else 1
    drawn = np.random.default_rng(seed)
    values = {
        name: drawn.normal(size=(len(pictures), crops, width)).astype(fields["dtype"])
        for name, width in widths.items()
    }
    with FeatureWriter.open(root, f"made-{seed}", fields, pictures, shard_size=4) as writer:
        for number, part in writer.pending():
            here = {name: each[part.start : part.stop] for name, each in values.items()}
            writer.commit(number, here, dict(failures or {}))
        return FeatureCache(writer.finish())
