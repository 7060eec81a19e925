"""Caches of one backbone as one source: each is a further view of the same pictures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.files import json_sha256
from core.sources.cached import CacheLayer
from core.sources.source import Rows, refuse_no_rows, rows_of

VIEW = ("crops", "decoder", "dtype", "keep", "transform")
"""The facts in which views of one source may differ: how a picture was looked at, and rounded."""


class Views:
    """A layer of several caches, which one network made, as a source with all their crops.

    A training visit may mix the crops, and a test takes their mean, whichever cache each is of: a
    cache that kept every crop gives as many views, one that kept the mean of ten crops gives one.

    Attributes:
        layers: the caches' layers, by their encoders: the order in which they are given is nothing.
        made_by: the facts that all share, and under ``views`` the others of each.
        shape: (crops of all caches, ...).
    """

    def __init__(self, layers: Sequence[CacheLayer]):
        """Join the rows by id; no value is read yet.

        Args:
            layers: of which ``alike`` is the same, of other encoders.
        """
        self.layers = tuple(sorted(layers, key=lambda layer: layer.encoder))
        first = self.layers[0]
        self.layer = first.layer
        self.shape = (sum(each.shape[0] for each in self.layers), *first.shape[1:])
        self.made_by: Mapping[str, Any] = {
            **alike(first),
            "views": [{k: each.made_by[k] for k in _varied(each)} for each in self.layers],
        }
        self.encoder = json_sha256(self.made_by)
        self.varies = False
        told = [each.settings for each in self.layers]
        self.settings: Mapping[str, Any] | None = {"views": told} if any(told) else None
        self.code: Mapping[str, str] | None = _together([each.code or {} for each in self.layers])
        self._ids = first.cache.ids
        self._rows = np.array([each.rows(self._ids) for each in self.layers])
        every = np.all(self._rows >= 0, axis=0)
        self._row = {self._ids[row]: int(row) for row in np.flatnonzero(every)}

    def __str__(self) -> str:
        """The caches and their layer, for messages."""
        return " and ".join(map(str, self.layers))

    def rows(self, ids: Iterable[str]) -> Rows:
        """The row of each id, (n,) int64; -1 where one of the caches has no features for it."""
        return rows_of(ids, self._row)

    def read(self, rows: Rows, draw: np.random.Generator | None = None) -> npt.NDArray[Any]:
        """The features of ``rows`` (n,): (n, *shape), of the widest dtype; ``draw`` is not used.

        Raises:
            CacheError: a row is none of a picture that all caches have.
        """
        refuse_no_rows(f"the views of {self.layer}", rows, len(self._ids))
        pairs = zip(self.layers, self._rows, strict=True)
        return np.concatenate([each.read(own[rows]) for each, own in pairs], axis=1)

    def digests(self, rows: Rows) -> list[str]:
        """The SHA-256 of each picture file; "" where there was none.

        Raises:
            CacheError: a row is no picture of the caches.
        """
        return self.layers[0].digests(rows)


def alike(layer: CacheLayer) -> dict[str, Any]:
    """What must be the same of views of one source: all facts but how a picture was looked at."""
    return {key: value for key, value in layer.made_by.items() if key not in VIEW}


def by_network(layers: Iterable[CacheLayer]) -> list[CacheLayer | Views]:
    """One source for the layers of one network each, in an order that follows from them alone."""
    groups: dict[str, list[CacheLayer]] = {}
    for layer in layers:
        groups.setdefault(json_sha256(alike(layer)), []).append(layer)
    found = [group[0] if len(group) == 1 else Views(group) for group in groups.values()]
    return sorted(found, key=lambda each: (_backbone(each), each.layer, each.encoder))


def each_view(origin: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What made a source, once a cache: one of a layer of one cache, several of views.

    Args:
        origin: ``made_by`` and ``settings`` of a source, as a run notes them.

    Returns:
        ``encoder``, ``made_by`` and ``settings`` of each cache's layer.
    """
    made_by, settings = dict(origin["made_by"]), origin.get("settings")
    views = made_by.pop("views", None)
    if not isinstance(views, list):
        return [{"encoder": json_sha256(made_by), "made_by": made_by, "settings": settings}]
    told = (settings or {}).get("views", [None] * len(views))
    whole = [{**made_by, **view} for view in views]
    pairs = zip(whole, told, strict=True)
    return [{"encoder": json_sha256(one), "made_by": one, "settings": own} for one, own in pairs]


def _varied(layer: CacheLayer) -> list[str]:
    return [key for key in layer.made_by if key in VIEW]


def _backbone(source: CacheLayer | Views) -> str:
    return str(source.made_by.get("backbone", ""))


def _together(codes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The code of all: of a module that two caches noted otherwise, both digests."""
    modules = sorted({module for code in codes for module in code})
    return {m: "+".join(sorted({code[m] for code in codes if m in code})) for m in modules}
