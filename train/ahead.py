"""What takes long to read, read in a thread ahead of who asks for it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order: while one is used, the next one is made.

    An error of ``items`` is raised in its place. No thread is begun before the first is asked for,
    and none is left once the last was given, or the iterator is closed.
    """
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (found := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield found
