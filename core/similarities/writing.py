"""Writing a matrix of similarities as one HDF5 file, row by row, whole or not at all."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.files import json_bytes, replace_file
from core.hdf5 import laid
from core.hdf5.heap import MOST_BYTES
from core.similarities.form import FACTS, FORMAT, FRONT, SLACK, VALUE, front
from core.similarities.matrix import Floats, Similarity


def write_similarity(path: Path, made: Similarity, rows: Iterable[Floats]) -> str:
    """Write ``path``, whole or not at all, and return the SHA-256 that it carries.

    The same arguments give the same bytes. Memory: the tables, and one of ``rows`` at a time.

    Args:
        path: of the file.
        made: all but the numbers; of these the shape counts alone.
        rows: the numbers in order, (K, M) float64 of K images each, of N in all.

    Raises:
        InputError: an id is longer than it may be.
        OSError: it cannot be written; where the disk lacks room, before anything is computed.
    """
    images, captions = made.value.shape
    first = laid.head(_contents(made), VALUE, (images, captions), FRONT)
    size = len(first) + 8 * images * captions
    _require_room(path, size)
    with replace_file(path, size=size) as stream:
        stream.write(first)
        digest = hashlib.sha256(first[FRONT:])
        for block in rows:
            data = np.ascontiguousarray(block, dtype="<f8").data
            digest.update(data)
            stream.write(data)
        if stream.tell() != size:
            raise ValueError(f"{stream.tell():,} bytes were given, not {size:,}")
        stream.seek(0)
        stream.write(front(digest.hexdigest()))
    return digest.hexdigest()


def _contents(made: Similarity) -> laid.Contents:
    ids = {"image_id": made.image_id.tolist(), "caption_id": made.caption_id.tolist()}
    long = next((i for each in ids.values() for i in each if len(i.encode()) > MOST_BYTES), None)
    if long:
        raise InputError(f"the id {long[:40]!r}... is longer than {MOST_BYTES:,} bytes; shorten it")
    slack = made.slack or tuple(np.zeros(many) for many in made.value.shape)
    said = {"format": FORMAT, "words": made.words, "protocol": made.protocol}
    return {
        **ids,
        "owner": made.owner,
        **dict(zip(SLACK, slack, strict=True)),
        FACTS: np.frombuffer(json_bytes({**said, "made": dict(made.facts)}), np.uint8),
    }


def _require_room(path: Path, size: int) -> None:
    folder = next(each for each in path.absolute().parents if each.exists())
    if shutil.disk_usage(folder).free < size:
        told = f"{os.strerror(errno.ENOSPC)} for {size:,} bytes"
        raise OSError(errno.ENOSPC, told, str(path))
