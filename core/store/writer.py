"""Writing a cache: which shards are missing, and committing one."""

import errno
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import CacheError, NumberError
from core.files import remove_temporaries, write_bytes
from core.lock import exclusive
from core.sealed import write_sealed
from core.store.committed import read_committed, told_by_shards
from core.store.directory import place
from core.store.key import FORMAT, cache_key
from core.store.manifest import (
    MANIFEST,
    Layout,
    layout,
    shard_count,
    shard_name,
    shard_rows,
    sound_manifest,
)
from core.store.shard import DONE, UNREADABLE, shard_bytes
from core.store.verify import strangers

MAY_NOT = (errno.EROFS, errno.EACCES, errno.EPERM)


class FeatureWriter:
    """The one open writer of a cache; made by ``FeatureWriter.open``.

    Attributes:
        path: the cache's directory.
        ids: the pictures' ids in row order.
        made_with: what the cache was begun with, here or before.
        lost: whether there were shards, and no manifest that tells of them.
        noted: what the shards that are committed from now on are made with, which they note.
    """

    lost: bool = False

    def __init__(self, path: Path, manifest: dict[str, Any], pictures: Sequence[tuple[str, str]]):
        """Use ``FeatureWriter.open``."""
        self.path = path
        self.ids = [image_id for image_id, _ in pictures]
        self.made_with: Mapping[str, Any] = manifest["made_with"]
        self.noted = self.made_with
        self._digests = [digest for _, digest in pictures]
        self._manifest = manifest
        self._counted: dict[int, dict[str, Any]] = {}

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
            made_with: facts that change no number beyond rounding (device, versions); an
                interrupted cache keeps those it began with. Each shard notes them too, so that a
                lost manifest is written again as its shards tell.

        Raises:
            BusyError: another process writes this cache.
            CacheError: one may not write there, or ``fields`` do not say what a shard holds.
            OSError: a file cannot be read or written; with its name.
        """
        layout(fields, len(pictures))
        key = cache_key(fields)
        path = place(root, name, key)
        manifest = {
            "format": FORMAT,
            "key": key,
            "fields": dict(fields),
            "rows": len(pictures),
            "complete": False,
            "made_with": dict(made_with or {}),
            "shard_size": shard_size,
        }
        with ExitStack() as held:
            try:
                held.enter_context(exclusive(path))
                remove_temporaries(path)
                begun, told = sound_manifest(path), None
                if begun:
                    kept = {"made_with": begun.get("made_with", {})}
                    manifest |= kept | {"shard_size": begun["shard_size"]}
                else:
                    told = told_by_shards(path, key)
                    manifest |= {} if told is None else {"made_with": told}
                    write_sealed(path / MANIFEST, manifest)
            except OSError as error:
                if error.errno in MAY_NOT:
                    raise CacheError(
                        f"{path} is not whole, and may not be written ({error.strerror}); "
                        "use another --work folder"
                    ) from error
                raise
            writer = FeatureWriter(path, manifest, pictures)
            writer.lost = told is not None
            yield writer

    @property
    def shards(self) -> int:
        """How many there are once all is there."""
        return len(self._numbers())

    def pending(self) -> list[tuple[int, range]]:
        """The (number, rows) of each shard that is not there, or that does not count.

        The bytes of each shard that is there are read once, however often this is asked.

        Raises:
            OSError: a file is there and cannot be read; with its name.
        """
        return [(n, self._rows(n)) for n in self._numbers() if not self._counts(n)]

    def begin_again(self, made_with: Mapping[str, Any]) -> None:
        """Note what the cache is made with from now on, where no shard of it is there yet."""
        self.made_with = self.noted = self._manifest["made_with"] = dict(made_with)
        write_sealed(self.path / MANIFEST, self._manifest)

    def commit(
        self, number: int, layers: Mapping[str, npt.NDArray[Any]], failures: Mapping[str, str]
    ) -> None:
        """Write one shard, whole or not at all.

        Args:
            number: the shard.
            layers: name -> (rows, crops, ...) as the fields say; rows that failed hold zeros.
            failures: id -> reason, for the pictures that could not be read.

        Raises:
            CacheError: the layers are not those of the fields.
            NumberError: a value is not finite (in float16: above 65504).
            OSError: the disk is full or fails; with the file's name.
        """
        rows = self._rows(number)
        ids = self.ids[rows.start : rows.stop]
        _refuse_wrong(number, layers, self._layout(number))
        status = np.array([UNREADABLE if i in failures else DONE for i in ids], dtype=np.uint8)
        digests = self._digests[rows.start : rows.stop]
        content = shard_bytes(ids, digests, status, layers)
        file = self._file(number)
        self._counted.pop(number, None)
        write_bytes(file, content)
        listed = [{"id": i, "reason": failures[i]} for i in ids if i in failures]
        digest = hashlib.sha256(content).hexdigest()
        facts = {
            "rows": len(ids),
            "sha256": digest,
            "failures": listed,
            "made_with": dict(self.noted),
        }
        self._state(number, facts)
        self._counted[number] = facts

    def finish(self) -> Path:
        """Write the manifest that makes the cache complete, and return the directory.

        Files that are named like a shard and belong to no cache of this key are removed.

        Raises:
            CacheError: a shard is missing.
            OSError: the disk is full or fails; with the file's name.
        """
        missing = [number for number, _ in self.pending()]
        if missing:
            raise CacheError(f"{self.path}: shards {missing} are missing; run `features` again")
        parts = [self._counted[number] for number in self._numbers()]
        for number, part in enumerate(parts):
            self._state(number, part)
        shards = [
            {"file": shard_name(n), "rows": part["rows"], "sha256": part["sha256"]}
            for n, part in enumerate(parts)
        ]
        failures = [failure for part in parts for failure in part["failures"]]
        self._manifest |= {"shards": shards, "failures": failures, "complete": True}
        for name in strangers(self.path, self._manifest):
            (self.path / name).unlink()
        write_sealed(self.path / MANIFEST, self._manifest)
        return self.path

    def _numbers(self) -> range:
        return range(shard_count(self._manifest["shard_size"], len(self.ids)))

    def _rows(self, number: int) -> range:
        return shard_rows(number, self._manifest["shard_size"], len(self.ids))

    def _file(self, number: int) -> Path:
        return self.path / shard_name(number)

    def _layout(self, number: int) -> Layout:
        return layout(self._manifest["fields"], len(self._rows(number)))

    def _state(self, number: int, facts: Mapping[str, Any]) -> None:
        """The .json that makes a shard count; written again only where a byte of it is another."""
        stated = {**facts, "key": self._manifest["key"]}
        write_sealed(self._file(number).with_suffix(".json"), stated)

    def _counts(self, number: int) -> bool:
        """Whether the shard holds these pictures, whole."""
        if number not in self._counted:
            rows = self._rows(number)
            try:
                found = read_committed(
                    self._file(number), self._layout(number), self._manifest["key"]
                )
            except CacheError:
                return False
            # Without its manifest a cache may have been begun with shards of another size.
            ours = self.ids[rows.start : rows.stop], self._digests[rows.start : rows.stop]
            if (found.ids, found.digests) == ours:
                self._counted[number] = found.facts
        return number in self._counted


def _refuse_wrong(number: int, layers: Mapping[str, npt.NDArray[Any]], expected: Layout) -> None:
    if layers.keys() != expected.layers.keys():
        raise CacheError(
            f"shard {number}: the layers {sorted(layers)}, not {sorted(expected.layers)}; "
            "give those of the fields"
        )
    for layer, values in layers.items():
        shape = (expected.rows, *expected.layers[layer])
        if values.shape != shape or values.dtype != expected.dtype:
            raise CacheError(
                f"shard {number}: {layer} is {values.dtype} of shape {values.shape}, not "
                f"{expected.dtype} of {shape}; give what the fields say"
            )
        if not np.isfinite(values).all():
            raise NumberError(
                f"shard {number}: {layer} holds values that are not finite as {values.dtype}; "
                "use --dtype float32 and check the weights"
            )
