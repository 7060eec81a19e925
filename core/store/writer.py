"""Writing a cache: which shards are missing, and committing one."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import CacheError, NumberError
from core.files import file_sha256, read_json, remove_temporaries, replace_file, write_json
from core.lock import exclusive
from core.store.key import (
    FORMAT,
    MANIFEST,
    cache_key,
    directory_name,
    find_cache,
    sound_manifest,
)
from core.store.shard import DONE, UNREADABLE, open_shard, shard_bytes


class FeatureWriter:
    """The one open writer of a cache; made by ``FeatureWriter.open``.

    Attributes:
        path: the cache's directory.
        ids: the pictures' ids in row order.
    """

    def __init__(self, path: Path, manifest: dict[str, Any], pictures: Sequence[tuple[str, str]]):
        """Use ``FeatureWriter.open``."""
        self.path = path
        self.ids = [image_id for image_id, _ in pictures]
        self._digests = [digest for _, digest in pictures]
        self._manifest = manifest

    @staticmethod
    @contextmanager
    def open(
        root: Path,
        name: str,
        fields: Mapping[str, Any],
        pictures: Sequence[tuple[str, str]],
        *,
        shard_size: int = 1024,
        made_with: Mapping[str, Any] | None = None,
    ) -> Iterator["FeatureWriter"]:
        """Begin a cache under ``root``, or go on with the one that has the same key.

        Args:
            root: the folder of all caches.
            name: the readable part of the directory's name.
            fields: what makes the numbers (see ``core.store.key.cache_key``).
            pictures: (id, sha256 of the file) in row order, sorted by id.
            shard_size: pictures a shard; an interrupted cache keeps the one it began with.
            made_with: facts that change no number (device, versions), kept for the reader.

        Raises:
            BusyError: another process writes this cache.
            CacheError: its directory is of another key.
        """
        key = cache_key(fields)
        path = find_cache(root, key) or root / directory_name(name, key)
        with exclusive(path):
            remove_temporaries(path)
            begun = sound_manifest(path)
            if begun and begun["key"] != key:
                raise CacheError(
                    f"{path} holds a cache with another key; use another --work folder"
                )
            manifest = {
                "made_with": dict(made_with or {}),
                "shard_size": shard_size,
                **(begun or {}),
                "format": FORMAT,
                "key": key,
                "fields": dict(fields),
                "rows": len(pictures),
                "complete": False,
            }
            if not begun:
                write_json(path / MANIFEST, manifest)
            yield FeatureWriter(path, manifest, pictures)

    def pending(self) -> list[tuple[int, range]]:
        """The (number, rows) of each shard that is not there, or whose bytes have changed."""
        return [(n, self._rows(n)) for n in self._numbers() if not self._facts(n)]

    def commit(
        self, number: int, layers: Mapping[str, npt.NDArray[Any]], failures: Mapping[str, str]
    ) -> None:
        """Write one shard, whole or not at all.

        Args:
            number: the shard.
            layers: name -> (rows, crops, ...) float32 or float16; rows that failed hold zeros.
            failures: id -> reason, for the pictures that could not be read.

        Raises:
            NumberError: a value is not finite (in float16: above 65504).
        """
        rows = self._rows(number)
        ids = self.ids[rows.start : rows.stop]
        for layer, values in layers.items():
            if len(values) != len(ids):
                raise CacheError(
                    f"shard {number}: {len(values)} rows of {layer} for {len(ids)} ids"
                )
            if not np.isfinite(values).all():
                raise NumberError(
                    f"shard {number}: {layer} holds values that are not finite as {values.dtype}; "
                    "use --dtype float32 and check the weights"
                )
        status = np.array([UNREADABLE if i in failures else DONE for i in ids], dtype=np.uint8)
        digests = self._digests[rows.start : rows.stop]
        file = self._file(number)
        content = shard_bytes(ids, digests, status, layers)
        with replace_file(file) as stream:
            stream.write(content)
        listed = [{"id": i, "reason": failures[i]} for i in ids if i in failures]
        digest = hashlib.sha256(content).hexdigest()
        facts = {"rows": len(ids), "sha256": digest, "failures": listed}
        write_json(file.with_suffix(".json"), facts)

    def finish(self) -> Path:
        """Write the manifest that makes the cache complete, and return the directory.

        Raises:
            CacheError: a shard is missing.
        """
        facts = {number: self._facts(number) for number in self._numbers()}
        missing = [number for number, part in facts.items() if not part]
        if missing:
            raise CacheError(f"{self.path}: shards {missing} are missing; run `features` again")
        shards = [
            {"file": self._file(n).name, "rows": part["rows"], "sha256": part["sha256"]}
            for n, part in facts.items()
        ]
        failures = [failure for part in facts.values() for failure in part["failures"]]
        self._manifest |= {"shards": shards, "failures": failures, "complete": True}
        write_json(self.path / MANIFEST, self._manifest)
        return self.path

    def _numbers(self) -> range:
        return range(math.ceil(len(self.ids) / self._manifest["shard_size"]))

    def _rows(self, number: int) -> range:
        size = self._manifest["shard_size"]
        return range(number * size, min((number + 1) * size, len(self.ids)))

    def _file(self, number: int) -> Path:
        return self.path / f"shard-{number:05d}.h5"

    def _facts(self, number: int) -> dict[str, Any]:
        """The .json of a shard; empty unless the shard counts: these pictures, whole."""
        file, rows = self._file(number), self._rows(number)
        facts = file.with_suffix(".json")
        if not (file.is_file() and facts.is_file()):
            return {}
        try:
            stated = dict(read_json(facts))
            whole = stated["sha256"] == file_sha256(file) and stated["rows"] == len(rows)
            # Without its manifest a cache may have been begun with shards of another size.
            whole = whole and open_shard(file).ids == self.ids[rows.start : rows.stop]
            return stated if whole and isinstance(stated["failures"], list) else {}
        except (ValueError, KeyError, TypeError, CacheError):
            return {}
