"""Reading a cache: rows by id, through a memory map."""

import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import CacheError
from core.store.committed import finite, refuse_other_bytes
from core.store.manifest import MANIFEST, MEND, layout
from core.store.shard import DONE, ShardContent, open_shard
from core.store.verify import read_named, refuse_other_pictures


class FeatureCache:
    """A complete cache, open for reading; nothing of the features is loaded before it is asked for.

    Attributes:
        path: the directory.
        manifest: the contents of ``cache.json``.
        ids: the pictures' ids in row order, unreadable ones too.
        digests: the sha256 of each picture file.
        readable: (rows,) bool, false where the picture could not be read.
    """

    def __init__(self, path: Path, *, check: bool = True):
        """Open ``path``; ``check`` compares every shard with its digest first, once.

        Raises:
            CacheError: not a cache, not complete, or damaged.
            OSError: a file is there and cannot be read; with its name.
        """
        self.path = path
        self.manifest = read_named(path)
        shards = self._shards(check)
        self.ids = [image_id for shard in shards for image_id in shard.ids]
        self.digests = [digest for shard in shards for digest in shard.digests]
        self.readable = np.concatenate([shard.status for shard in shards]) == DONE
        self._layers = [shard.layers for shard in shards]
        self._starts = np.cumsum([0, *(len(shard.ids) for shard in shards[:-1])])
        self._row = {image_id: row for row, image_id in enumerate(self.ids)}
        try:
            refuse_other_pictures(self.manifest, self.ids, self.digests)
        except CacheError as problem:
            raise CacheError(f"{path}: {problem}; {MEND}") from None

    @property
    def key(self) -> str:
        """The digest of everything that makes the numbers."""
        return str(self.manifest["key"])

    @property
    def layers(self) -> dict[str, tuple[int, ...]]:
        """Each layer's shape of one picture: (crops, D) for pooled, (crops, H, W, D) for grid."""
        return {name: values.shape[1:] for name, values in self._layers[0].items()}

    def rows(self, ids: Iterable[str]) -> npt.NDArray[np.int64]:
        """The row of each id, int64; -1 where the cache has no features for it."""
        found = np.array([self._row.get(image_id, -1) for image_id in ids], dtype=np.int64)
        found[(found >= 0) & ~self.readable[found]] = -1
        return found

    def read(self, layer: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The features of ``rows`` (n,) in their order: (n, crops, ...) of the cache's dtype.

        Raises:
            CacheError: the cache has no such layer or row (-1 is none), or what is read is not
                finite.
        """
        if layer not in self.layers:
            raise CacheError(
                f"{self.path} has the layers {sorted(self.layers)}, not {layer!r}; "
                f"make it with `features --layer {layer}`"
            )
        wrong = rows[(rows < 0) | (rows >= len(self.ids))]
        if len(wrong):
            raise CacheError(
                f"{self.path}: row {wrong[0]} is no picture of this cache; leave out what `rows` "
                "answers with -1"
            )
        first = self._layers[0][layer]
        values = np.empty((len(rows), *first.shape[1:]), dtype=first.dtype)
        number = np.searchsorted(self._starts, rows, side="right") - 1
        for shard in np.unique(number):
            here = np.flatnonzero(number == shard)
            mapped = self._layers[shard][layer]
            values[here] = mapped[rows[here] - self._starts[shard]]
            if 2 * len(here) >= len(mapped):
                _let_go(mapped)
        if not finite(values):
            wrong = next(row for row, one in zip(rows, values, strict=True) if not finite(one))
            raise CacheError(f"{self.path}: {layer} of {self.ids[wrong]!r} is not finite; {MEND}")
        return values

    def _shards(self, check: bool) -> list[ShardContent]:
        shards, problems = [], []
        for shard in self.manifest["shards"]:
            file = self.path / shard["file"]
            try:
                if check:
                    refuse_other_bytes(file, shard["sha256"], MANIFEST)
                shards.append(open_shard(file, layout(self.manifest["fields"], shard["rows"])))
            except CacheError as problem:
                problems.append(str(problem))
        if problems:
            raise CacheError(f"{self.path}: {'; '.join(problems)}; {MEND}")
        return shards


def _let_go(mapped: npt.NDArray[Any]) -> None:
    """Take the pages of a map, most of which was copied, out of this process's memory.

    They stay in the system's, where nobody else needs the room, and are read from there again.
    """
    pages = mapped.base
    assert isinstance(pages, mmap.mmap), "a shard is mapped"
    pages.madvise(mmap.MADV_DONTNEED)
