"""A layer of a feature cache as a source."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.files import json_sha256
from core.sources.source import Rows, refuse_no_rows
from core.store import FeatureCache

BY_LAYER = ("layers", "own_weights")
"""The fields that tell of each layer what is its own."""


class CacheLayer:
    """One layer of a feature cache, as a source; its values never vary.

    Attributes:
        cache: what is read.
        layer: the layer's name.
    """

    def __init__(self, cache: FeatureCache, layer: str):
        """Load nothing yet.

        Raises:
            CacheError: the cache has no such layer.
        """
        self.cache, self.layer = cache, layer
        self.shape = tuple(cache.read(layer, np.empty(0, dtype=np.int64)).shape[1:])
        self.made_by: Mapping[str, Any] = _without_items(cache.manifest["fields"], layer)
        self.encoder = json_sha256(self.made_by)
        self.varies = False
        made_with = cache.manifest.get("made_with", {})
        self.settings: Mapping[str, Any] | None = made_with.get("settings")
        self.code: Mapping[str, str] | None = made_with.get("code")

    def rows(self, ids: Iterable[str]) -> Rows:
        """The row of each id, (n,) int64; -1 where the cache has no features for it."""
        return self.cache.rows(ids)

    def read(self, rows: Rows, draw: np.random.Generator | None = None) -> npt.NDArray[Any]:
        """The features of ``rows`` (n,): (n, *shape) of the cache's dtype; ``draw`` is not used.

        Raises:
            CacheError: a row is no picture of the cache.
        """
        return self.cache.read(self.layer, rows)

    def digests(self, rows: Rows) -> list[str]:
        """The SHA-256 of each picture file; "" where there was none.

        Raises:
            CacheError: a row is no picture of the cache.
        """
        refuse_no_rows(str(self.cache.path), rows, len(self.cache.ids))
        return [self.cache.digests[row] for row in rows]


def _without_items(fields: Mapping[str, Any], layer: str) -> dict[str, Any]:
    """A cache's fields without what tells which pictures and which other layers it holds."""
    made_by = {key: value for key, value in fields.items() if key not in ("corpus", *BY_LAYER)}
    for key in BY_LAYER:
        if layer in fields.get(key, {}):
            made_by[key] = {layer: fields[key][layer]}
    return made_by
