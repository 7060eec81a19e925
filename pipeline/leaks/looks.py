"""Every picture of a corpus read once: its digest, and the hash by which it looks like others."""

import hashlib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from PIL import Image as Pillow

from core.errors import InputError
from core.files import IrregularFile
from core.likeness import picture_hash
from core.matrices import Row
from core.pictures import MOST_FILE, MOST_PIXELS
from core.places import Place, place_sha256, read_place, size_of
from core.records import Image
from extract.memory import Room

THREADS = 8
SMALL = 2**22
"""Pixels. Of pictures above it, no more are decoded at once than the largest has pixels."""
LARGE = 4 * SMALL
"""Bytes. A larger file is digested in pieces, and then read while no other large one is."""
MISSING = "missing file"
_ROOM = Room(MOST_PIXELS)


@dataclass(frozen=True, slots=True)
class Look:
    """A picture as it is.

    ``sha256`` is empty where there is nothing to read, ``hash`` None where that is no picture;
    ``why`` says why, unless it is a vector. ``bytes`` is its size.
    """

    sha256: str = ""
    hash: int | None = None
    why: str = ""
    bytes: int = 0

    @property
    def usable(self) -> bool:
        """Whether it is a picture that was decoded, or a vector."""
        return self.hash is not None or bool(self.sha256 and not self.why)


def look_at(
    images: Sequence[Image],
    known: Mapping[str, int],
    progress: Callable[[int, int], None],
    seen: Callable[[str, int], None],
) -> list[Look]:
    """Look at each picture, in threads; what is ``known`` by its digest is not decoded again.

    Args:
        images: of a corpus.
        known: digest -> hash.
        progress: called with (pictures done, pictures in all).
        seen: called with the digest and the hash of each that was not known.
    """
    looks = []
    with _quiet(), ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        try:
            for look in pool.map(lambda image: _look(image.place, known), images):
                looks.append(look)
                if look.hash is not None and look.sha256 not in known:
                    seen(look.sha256, look.hash)
                progress(len(looks), len(images))
        finally:
            pool.shutdown(cancel_futures=True)
    return looks


def _look(place: Place | None, known: Mapping[str, int]) -> Look:
    if place is None:
        return Look(why="no picture: it has no file")
    try:
        size = size_of(place)
        data = read_place(place) if size <= LARGE else None
        digest = place_sha256(place) if data is None else hashlib.sha256(data).hexdigest()
    except FileNotFoundError:
        return Look(why=MISSING)
    except OSError as error:
        kind = "" if isinstance(error, IrregularFile) else "cannot be opened: "
        return Look(why=f"{kind}{error.strerror}")
    size = size or len(data or b"")
    if isinstance(place, Row):
        return Look(digest, bytes=size)
    if digest in known:
        return Look(digest, known[digest], bytes=size)
    try:
        return Look(digest, _hash(place, data), bytes=size)
    except InputError as error:
        return Look(digest, why=str(error), bytes=size)
    except OSError as error:
        return Look(digest, why=str(error.strerror), bytes=size)


def _hash(place: Place, data: bytes | None) -> int:
    """The hash of ``data``, or of what is at ``place`` where that is too large for any thread."""
    with ExitStack() as held:
        if data is None:
            held.enter_context(_ROOM.take(MOST_PIXELS))
            return picture_hash(read_place(place, most=MOST_FILE))

        def claim(pixels: int) -> None:
            if pixels > SMALL:
                held.enter_context(_ROOM.take(pixels))

        return picture_hash(data, claim)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back Pillow's remarks on odd metadata and on size; ``picture_hash`` has its limit."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        yield
