"""A layer of a feature cache as a source."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.files import json_sha256
from core.sources.by_layer import of_layers
from core.sources.source import Rows, refuse_no_rows
from core.store import FeatureCache


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
        fields = {key: told for key, told in cache.manifest["fields"].items() if key != "corpus"}
        self.made_by: Mapping[str, Any] = of_layers(fields, (layer,))
        self.encoder = json_sha256(self.made_by)
        self.varies = False
        made_with = cache.manifest.get("made_with", {})
        chosen = made_with.get("settings")
        self.settings: Mapping[str, Any] | None = chosen and {**chosen, "layer": layer}
        self.code: Mapping[str, str] | None = made_with.get("code")

    def __str__(self) -> str:
        """The cache and its layer, for messages."""
        return f"{self.cache.path} ({self.layer})"

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
