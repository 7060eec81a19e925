"""The strings of a file: HDF5's global heap, read in bounds.

HDF5 itself may wait without an end on a heap that leads to itself, and believes any length. Each
string is a record (bytes u32, address of a collection u64, number of an object in it u32); a
collection is a header and objects that follow each other.
"""

import struct
from typing import IO

import numpy as np

RECORD = np.dtype([("bytes", "<u4"), ("collection", "<u8"), ("number", "<u4")])
MOST_BYTES = 2**16  # of one string; a path of a file is shorter
_COLLECTION = struct.Struct("<4sB3xQ")
_OBJECT = struct.Struct("<H6xQ")


class Heap:
    """The strings of one open file."""

    def __init__(self, stream: IO[bytes], size: int, most: int, base: int = 0):
        """Read nothing yet.

        Args:
            stream: the file, which can seek.
            size: its bytes.
            most: how many strings are asked for; what is read in all is bounded by it.
            base: how many bytes stand in front of HDF5's own, which counts from there.
        """
        self._stream, self._size, self._base = stream, size, base
        self._left = 2 * MOST_BYTES * most
        self._collections: dict[int, dict[int, bytes]] = {}

    def texts(self, offset: int, count: int) -> list[str]:
        """The strings of ``count`` records at ``offset``.

        Raises:
            ValueError: a record leads nowhere, or its string is no UTF-8 or too long.
        """
        data = self.read(offset, count * RECORD.itemsize)
        return [self._text(*record.tolist()) for record in np.frombuffer(data, RECORD)]

    def read(self, offset: int, count: int) -> bytes:
        """So many bytes of the file, and no fewer.

        Raises:
            ValueError: they are not all within the file.
        """
        if offset + count > self._size:
            raise ValueError(f"{count} bytes at {offset} are beyond its end")
        self._stream.seek(offset)
        data = self._stream.read(count)
        if len(data) != count:
            raise ValueError(f"{count} bytes at {offset} are beyond its end")
        return data

    def _text(self, count: int, address: int, number: int) -> str:
        if not count:
            return ""
        if address not in self._collections:
            self._collections[address] = self._collection(self._base + address)
        data = self._collections[address].get(number, b"")
        if count > min(len(data), MOST_BYTES):
            raise ValueError(f"a string of {count} bytes is not there")
        return data[:count].decode("utf-8")

    def _collection(self, address: int) -> dict[int, bytes]:
        magic, version, size = _COLLECTION.unpack(self.read(address, _COLLECTION.size))
        self._left -= size
        if magic != b"GCOL" or version != 1 or self._left < 0:
            raise ValueError(f"no collection of strings at {address}")
        data, at = self.read(address, size), _COLLECTION.size
        objects = {}
        while at + _OBJECT.size <= size:
            number, length = _OBJECT.unpack_from(data, at)
            if not number:
                break  # the rest is free
            at += _OBJECT.size
            objects[number] = data[at : at + length]
            at += -(-length // 8) * 8
        return objects
