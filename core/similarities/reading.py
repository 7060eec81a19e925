"""Reading a matrix of similarities: small tables are read, the numbers are mapped.

Every byte of a file of ours is compared with its digest. Files of others carry none.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.files import json_value, naming, open_regular
from core.hdf5.heap import Heap
from core.hdf5.places import DAMAGED, Place, base_of, place_of, reading
from core.similarities.form import FACTS, FRONT, MARK, SIDES, SLACK, VALUE, front
from core.similarities.matrix import Ints, Names, Similarity

HDF5 = b"\x89HDF\r\n\x1a\n"
LAYOUT = (
    f"a matrix of others is HDF5 with the datasets {VALUE} (images, captions) float32 or float64, "
    f"{', '.join(SIDES)}, neither chunked nor compressed"
)
_PIECE = 2**22


def read_similarity(path: Path) -> Similarity:
    """Read ``path``; whether its numbers are finite is seen as they are ranked.

    Raises:
        InputError: it is damaged, or no such file; says of which layout one is.
        OSError: as ``open`` does.
    """
    try:
        with naming(path), open_regular(path) as stream:
            return _read(stream, *_digest(stream))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno:
            raise
        why = " ".join(str(error).split())
        raise InputError(f"{path} is no matrix of similarities ({why}); {LAYOUT}") from error


def is_ours(path: Path) -> bool:
    """Whether a file is one of this program, whole or damaged.

    Raises:
        OSError: it cannot be read.
    """
    with naming(path), open_regular(path) as stream:
        return MARK in stream.read(FRONT)


def _digest(stream: IO[bytes]) -> tuple[bool, str]:
    """Whether the file carries a digest, and that of its bytes."""
    first = stream.read(FRONT)
    sealed = not first.startswith(HDF5)
    found = hashlib.sha256(b"" if sealed else first)
    while piece := stream.read(_PIECE):
        found.update(piece)
    digest = found.hexdigest()
    if sealed and first != front(digest):
        if MARK not in first:
            raise ValueError("it is no HDF5 file")
        raise InputError("it is damaged, its sha256 is another; write it again with --similarity")
    return sealed, digest


def _read(stream: IO[bytes], sealed: bool, digest: str) -> Similarity:
    wanted = (*SIDES, VALUE, *((*SLACK, FACTS) if sealed else ()))
    size = stream.seek(0, 2)
    with reading(stream) as file:
        at = {name: place_of(file, name, size) for name in wanted}
        base = base_of(file)
    for name, place in at.items():
        if len(place.shape) != (2 if name == VALUE else 1):
            raise ValueError(f"{name} has the shape {place.shape}")
    heap = Heap(stream, size, sum(at[name].shape[0] for name in SIDES[:2]), base)
    image_id, caption_id = (_ids(heap, name, at[name]) for name in SIDES[:2])
    owner = _owner(_numbers(heap, at["owner"]))
    value = np.memmap(stream, _dtype(at[VALUE]), "r", at[VALUE].offset, at[VALUE].shape)
    made = Similarity(value, image_id, caption_id, owner, sha256=digest)
    return _with_facts(made, heap, at) if sealed else made


def _with_facts(made: Similarity, heap: Heap, at: dict[str, Place]) -> Similarity:
    image, caption = (_numbers(heap, at[name]) for name in SLACK)
    said = json_value(_numbers(heap, at[FACTS]).tobytes())
    words, protocol, facts = (said[name] for name in ("words", "protocol", "made"))
    return replace(made, slack=(image, caption), words=words, protocol=protocol, facts=facts)


def _ids(heap: Heap, name: str, place: Place) -> Names:
    """Strings in UTF-8, of any or of one length; or whole numbers, as strings."""
    if place.dtype is None:
        return np.array(heap.texts(place.offset, place.shape[0]), dtype=np.str_)
    found = _numbers(heap, place)
    if found.dtype.kind == "S":
        return np.array([each.decode("utf-8") for each in found.tolist()], dtype=np.str_)
    if found.dtype.kind not in "iu":
        raise ValueError(f"{name} holds {found.dtype}, not strings or whole numbers")
    return found.astype(np.str_)


def _owner(found: npt.NDArray[Any]) -> Ints:
    return found.astype(np.int64) if found.dtype.kind in "iu" else found


def _numbers(heap: Heap, place: Place) -> npt.NDArray[Any]:
    kind = _dtype(place)
    return np.frombuffer(heap.read(place.offset, place.shape[0] * kind.itemsize), kind)


def _dtype(place: Place) -> np.dtype[Any]:
    if place.dtype is None:
        raise ValueError("strings stand where numbers should")
    return place.dtype
