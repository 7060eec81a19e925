"""What a PNG says of itself, and whether each byte of it is as it was written (W3C, PNG, 5.3).

A file is a signature, then chunks: length, type, data, and the CRC-32 of type and data.
"""

import struct
import zlib
from pathlib import Path

from core.files import read_regular

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LAST, TEXT = b"IEND", b"tEXt"
_HEAD = struct.Struct(">I4s")
_CRC = struct.Struct(">I")


def texts(file: Path) -> dict[str, str] | None:
    """The words that stand in a PNG by their names; None where a byte is not as it was written.

    Raises:
        OSError: there is no such file, or it cannot be read.
    """
    data = read_regular(file)
    if not data.startswith(SIGNATURE):
        return None
    found: dict[str, str] = {}
    place = len(SIGNATURE)
    while place + _HEAD.size + _CRC.size <= len(data):
        length, kind = _HEAD.unpack_from(data, place)
        end = place + _HEAD.size + length
        if end + _CRC.size > len(data):
            return None
        if _CRC.unpack_from(data, end) != (zlib.crc32(data[place + 4 : end]),):
            return None
        if kind == TEXT:
            name, _, words = data[place + _HEAD.size : end].partition(b"\0")
            found[name.decode("latin-1")] = words.decode("latin-1")
        place = end + _CRC.size
        if kind == LAST:
            return found if place == len(data) else None
    return None
