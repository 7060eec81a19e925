"""Is there a complete cache of these pictures already? Told without a network."""

import os
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.files import json_sha256
from core.records import Corpus
from core.sources import of_layers
from core.store import find_complete
from core.store.key import corpus_digest
from core.store.manifest import read_manifest, sound_manifest
from extract.digests import Missing, Picture, Progress, with_digests

THREADS = 8
Layers = Collection[str]


@dataclass(frozen=True)
class Extraction:
    """A complete cache, and what became of the pictures.

    Attributes:
        path: the cache's directory.
        pictures: all of the corpus, unreadable ones too.
        failures: (id, reason) of each picture without features.
        reused: how many pictures were there already.
    """

    path: Path
    pictures: int
    failures: tuple[tuple[str, str], ...]
    reused: int


def digested(
    corpus: Corpus,
    missing: Missing = lambda names, total: None,
    progress: Progress = lambda done, total: None,
) -> list[Picture]:
    """Each picture of ``corpus`` with its digest (see ``with_digests``)."""
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        return with_digests(corpus.images, pool, missing, progress)


def fields(made: dict[str, Any], pictures: Sequence[Picture]) -> dict[str, Any]:
    """What the key of a cache of ``pictures`` is made of; ``made`` is ``made_by``'s."""
    ids, digests = [p.id for p in pictures], [p.sha256 for p in pictures]
    return {**made, "corpus": corpus_digest(ids, digests)}


def find(root: Path, made: dict[str, Any], pictures: Sequence[Picture]) -> Extraction | None:
    """The complete, sound cache of ``pictures`` below ``root``; None where there is none.

    Raises:
        InputError: it holds no features of any of them.
        OSError: a file is there and cannot be read; with its name.
    """
    path = find_complete(root, fields(made, pictures))
    return outcome(path, len(pictures), len(pictures)) if path else None


def find_wider(
    root: Path, made: dict[str, Any], pictures: Sequence[Picture], reads: Callable[[], Layers]
) -> Extraction | None:
    """A complete, sound cache that has the layers of ``made``, and others that nobody reads.

    All else that makes the numbers is the same: each layer has the bits that it has alone.

    Args:
        root: the folder of all caches.
        made: ``made_by``'s.
        pictures: those of the cache.
        reads: the layers that will be read of all caches together; asked where it matters.

    Raises:
        InputError: it holds no features of any of them.
        OSError: a file is there and cannot be read; with its name.
    """
    wanted = fields(made, pictures)
    alone = json_sha256(wanted)
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        there = (sound_manifest(folder) or {}).get("fields", {})
        more = there.get("layers", {}).keys() - wanted["layers"].keys()
        if not more or json_sha256(of_layers(there, wanted["layers"])) != alone:
            continue
        if not more & set(reads()) and (path := find_complete(root, there)):
            return outcome(path, len(pictures), len(pictures))
    return None


def outcome(path: Path, pictures: int, reused: int) -> Extraction:
    """What the complete cache ``path`` says of its ``pictures``.

    Raises:
        InputError: none of them has features.
    """
    listed = read_manifest(path)["failures"]
    failures = tuple((failure["id"], failure["reason"]) for failure in listed)
    if len(failures) == pictures:
        first, reason = failures[0]
        raise InputError(
            f"none of the {pictures} pictures has features, {first!r} for this reason: {reason}; "
            "check the folder and the pictures"
        )
    return Extraction(path, pictures, failures, reused)
