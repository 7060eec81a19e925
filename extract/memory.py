"""Memory: room for large pictures, shared by the threads, and one line where it is short."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from core.errors import InputError, is_short_of_memory


class Room:
    """So many units for all threads together; who needs more than is left waits.

    A thread takes its part once and gives it back before it takes another, so that none waits for
    what it holds itself.
    """

    def __init__(self, most: int):
        """``most`` units in all."""
        self._most = self._left = most
        self._given_back = Condition()

    @contextmanager
    def take(self, units: int) -> Iterator[None]:
        """Hold ``units`` (all there are, where there are fewer) until the block ends."""
        part = min(units, self._most)
        with self._given_back:
            self._given_back.wait_for(lambda: self._left >= part)
            self._left -= part
        try:
            yield
        finally:
            with self._given_back:
                self._left += part
                self._given_back.notify_all()


@contextmanager
def said_when_short(what: str, way_out: str) -> Iterator[None]:
    """Make short memory an ``InputError`` of one line: there is none for ``what``; ``way_out``."""
    try:
        yield
    except (MemoryError, RuntimeError, OSError) as error:
        if not is_short_of_memory(error):
            raise
        raise InputError(f"memory is too short for {what}; {way_out}") from error
