"""Reading picture files: those whose digest was taken, large ones one at a time."""

import errno
import hashlib
import io
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from PIL import Image, _imaging

from core.errors import InputError
from core.files import IrregularFile
from core.pictures import MOST_FILE, MOST_PIXELS
from core.places import Place, place_sha256, read_place, size_of
from extract.images import UnreadablePicture, decode
from extract.memory import Room, said_when_short

WAITS = (0.1, 0.4, 1.0)
"""Seconds before each further try to read a file that could be read before."""
SMALL = 2**22
"""Pixels. Eight threads with such pictures at once, twice 4 bytes a pixel, hold 256 MiB: with the
largest picture beside them, 683 MiB while it is converted, they stay below 1 GiB."""
BLOCK = 2**29
"""Bytes: more than any picture has, so that each is one piece of memory. glibc keeps freed pieces
of up to 32 MiB for the thread that had them: eight threads would come to hold eight pictures."""

_ROOM = Room(MOST_PIXELS)


@contextmanager
def read_picture(place: Place, sha256: str) -> Iterator[Image.Image]:
    """The upright RGB of the picture whose digest was taken before, for the length of the block.

    The pictures above ``SMALL`` that are open at the same time, in all threads, have together no
    more pixels than the largest that is decoded; of files above four bytes for each pixel of a
    ``SMALL`` one, only one is.

    Args:
        place: where it is.
        sha256: its digest; empty where there was no regular file then.

    Raises:
        UnreadablePicture: there was no such file, it is larger than ``MOST_FILE``, or its bytes
            are not a picture (see ``decode``).
        InputError: the file's bytes are no longer those of the digest, or cannot be read now; or
            memory is too short for the picture.
    """
    way_out = "close other programs and run the same command again: it goes on from there"
    with said_when_short(str(place), way_out), ExitStack() as held:
        large = _size(place) > 4 * SMALL
        if large:
            held.enter_context(_ROOM.take(MOST_PIXELS))

        def claim(pixels: int) -> None:
            if pixels > SMALL:
                _imaging.set_block_size(BLOCK)
                held.enter_context(nullcontext() if large else _ROOM.take(pixels))

        image = decode(io.BytesIO(_bytes(place, sha256)), claim)
        held.callback(image.close)
        yield image


def _size(place: Place) -> int:
    try:
        return size_of(place)
    except OSError:  # told when the file is read
        return 0


def _bytes(place: Place, sha256: str) -> bytes:
    try:
        data = _patiently(place) if sha256 else read_place(place, most=MOST_FILE)
    except OSError as error:
        raise _refusal(place, sha256, error) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _changed(place)
    return data


def _patiently(place: Place) -> bytes:
    """Its bytes, tried again where the system fails: a fault of the moment passes."""
    for wait in WAITS:
        try:
            return read_place(place, most=MOST_FILE)
        except IrregularFile:
            raise
        except OSError:
            time.sleep(wait)
    return read_place(place, most=MOST_FILE)


def _refusal(place: Place, sha256: str, error: OSError) -> Exception:
    """A failure for good only where any later try tells the same; else what ends the run.

    A file that had a digest was whole then; to list it as unreadable would keep, under a key that
    tells of its bytes, that it has none.
    """
    if isinstance(error, IrregularFile) and error.errno == errno.EFBIG:
        same = sha256 in ("", place_sha256(place))
        return UnreadablePicture(str(error.strerror)) if same else _changed(place)
    reason = "missing file" if isinstance(error, FileNotFoundError) else str(error.strerror)
    if not sha256 and isinstance(error, FileNotFoundError | IrregularFile):
        return UnreadablePicture(reason)
    return InputError(
        f"{place} cannot be read now ({reason}); mend that and run the same command again: it goes "
        "on from there"
    )


def _changed(place: Place) -> InputError:
    return InputError(f"{place} changed while it was being read; run the same command again")
