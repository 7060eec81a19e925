"""TIFF: Pillow turns a picture upright while it still holds the file; here that is left to us.

Three whole pictures would be in memory: the file's bytes, the picture, and the turned picture.
"""

import io
import struct

ORIENTATION, SHORT = 0x0112, 3
_ORDER = {b"II*\0": "<", b"MM\0*": ">"}


def take_orientation(stream: io.BytesIO) -> int:
    """The orientation of a TIFF's first picture, which ``stream`` tells no more from then on.

    0 where there is none, and of all that is no TIFF.
    """
    found = 0
    with stream.getbuffer() as data:
        order = _ORDER.get(bytes(data[:4]))
        try:
            for entry in _entries(data, order) if order else ():
                tag, kind, count, value = struct.unpack_from(f"{order}HHIH", data, entry)
                if (tag, kind, count) == (ORIENTATION, SHORT, 1):
                    found = value
                    struct.pack_into(f"{order}H", data, entry + 8, 1)
        except struct.error:  # truncated: the decoder says so
            pass
    return found


def _entries(data: memoryview, order: str) -> range:
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, start)
    return range(start + 2, start + 2 + 12 * count, 12)
