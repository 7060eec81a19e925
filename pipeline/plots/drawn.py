"""A figure as a page takes it."""

from typing import NamedTuple


class Drawn(NamedTuple):
    """``data`` are the bytes of a picture of the type ``mime``.

    ``id`` is a word of ``a-z0-9-``, no two of a page alike; ``title`` says what it is, ``alt`` what
    is to be seen, numbers included, for who does not see it, and ``note`` how to read it.
    """

    id: str
    title: str
    alt: str
    data: bytes
    mime: str
    note: str
