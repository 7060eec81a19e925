"""A picture of a corpus as a browser gets it: drawn anew as JPEG, so that it is nothing else.

What lies in a corpus may be a picture and a page at once, or say where it was taken; what is drawn
anew has the pixels alone.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

LARGE = 1600
"""Pixels of the longer side, where no other number is asked for."""
EDGES = (16, LARGE)
"""The smallest and the largest number that may be asked for."""


class Jpeg(NamedTuple):
    """A picture, and by which name a browser asks whether it is still that."""

    data: bytes
    tag: str


class ShownLast:
    """The pictures that were shown last, so many bytes of them; any thread may ask."""

    def __init__(self, most: int):
        """At most ``most`` bytes."""
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[tuple[int, int, int], Jpeg] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[int, int, int], draw: Callable[[], bytes]) -> Jpeg:
        """The picture of ``key``: its collection, row and edge; drawn where it is not there."""
        with self._lock:
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
                return found
        data = draw()
        made = Jpeg(data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        with self._lock:
            # Another thread may have drawn it meanwhile.
            self._bytes += len(data) - len(self._kept.pop(key, Jpeg(b"", "")).data)
            self._kept[key] = made
            while self._bytes > self._most:
                self._bytes -= len(self._kept.popitem(last=False)[1].data)
        return made
