"""The members of a tar by its headers alone (POSIX ustar, pax and GNU), nothing unpacked.

Written for archives of unknown origin: a header that is no header ends the reading with an error,
never with fewer members; sizes are held against the file; nothing that a header says is followed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.errors import InputError
from core.files import open_regular
from core.wording import quoted

BLOCK = 512
MOST_EXTENSION = 2**20
"""Bytes of a header that extends the next one: names are no longer."""
NO_SIZE = 2**63
"""Bytes: no file has as many."""
FILES, LONG_NAME, LONG_LINK, PAX, PAX_ALL, SPARSE = b"0\0" + b"7", b"L", b"K", b"x", b"g", b"S"
_ZERO = bytes(BLOCK)
_COMPRESSED = {
    b"\x1f\x8b": (".gz", "gunzip"),
    b"BZh": (".bz2", "bunzip2"),
    b"\xfd7zXZ\0": (".xz", "unxz"),
    b"\x28\xb5\x2f\xfd": (".zst", "unzstd --rm"),
}
"""How compressed files begin: the endings they should have, and what unpacks them."""


class Member(NamedTuple):
    """A member; ``odd`` says why it is no plain file, empty where it is one."""

    name: str
    offset: int
    length: int
    odd: str


def members(file: Path) -> Iterator[Member]:
    """The members in order, folders left out.

    Raises:
        InputError: the file is no tar, is compressed, or a header is damaged, goes beyond the
            end, or there is no end mark; says at which byte.
        OSError: it cannot be read.
    """
    with open_regular(file) as stream:
        yield from _Walk(file, stream.fileno(), os.fstat(stream.fileno()).st_size).members()


class _Walk:
    def __init__(self, file: Path, handle: int, size: int):
        self._file, self._handle, self._size = file, handle, size

    def members(self) -> Iterator[Member]:
        offset, said = 0, _Said()
        while (head := self._block(offset)) != _ZERO:
            self._check(head, offset)
            kind = head[156:157]
            extensions = self._extensions(head, offset) if kind == SPARSE else 0
            start = offset + BLOCK * (1 + extensions)
            length = _number(head[124:136]) if said.size is None or kind in b"LKxg" else said.size
            if length is None or length >= NO_SIZE:
                raise InputError(f"{self._file}: damaged at byte {offset}; copy or make it again")
            if start + length > self._size:
                raise self._cut(offset)
            offset = start + -(-length // BLOCK) * BLOCK
            if kind in (LONG_NAME, PAX, LONG_LINK, PAX_ALL):
                said = self._read(said, kind, start, length)
                continue
            if kind != b"5":
                name = said.name if said.name is not None else _name(head)
                yield Member(name, start, length, said.odd or _odd(kind))
            said = _Said()
        if self._goes_on(offset):
            raise InputError(
                f"{self._file}: something follows its end at byte {offset}, as where tars were put "
                "together with cat; make one tar of them, or lay them side by side"
            )

    def _goes_on(self, offset: int) -> bool:
        """Whether anything but zeros follows."""
        pieces = range(offset, self._size, MOST_EXTENSION)
        return any(os.pread(self._handle, MOST_EXTENSION, each).strip(b"\0") for each in pieces)

    def _block(self, offset: int) -> bytes:
        found = os.pread(self._handle, BLOCK, offset)
        if len(found) < BLOCK:
            if not offset:
                self._refuse_compressed(found)
            raise self._cut(offset)
        return found

    def _check(self, head: bytes, offset: int) -> None:
        """The sum of a header's bytes, those of the sum itself counted as blanks."""
        told = _number(head[148:156])
        if told != sum(head) - sum(head[148:156]) + 8 * 0x20:
            if not offset:
                self._refuse_compressed(head)
            what = "no tar" if not offset else f"damaged at byte {offset}"
            raise InputError(f"{self._file}: {what}; copy or make it again")

    def _refuse_compressed(self, head: bytes) -> None:
        for begin, (ending, tool) in _COMPRESSED.items():
            if head.startswith(begin):
                packed = quoted(f"{self._file}{ending}")
                raise InputError(
                    f"{self._file}: compressed, and tars are read where they lie; type "
                    f"mv {quoted(self._file)} {packed} && {tool} {packed}"
                )

    def _cut(self, offset: int) -> InputError:
        if not self._size:
            return InputError(f"{self._file}: empty, no tar; copy or make it again")
        return InputError(f"{self._file}: cut off, at byte {offset}; copy or make it again")

    def _extensions(self, head: bytes, offset: int) -> int:
        """How many blocks a header of GNU's old sparse form has behind it."""
        count, more = 0, head[482]
        while more:
            count += 1
            more = self._block(offset + BLOCK * count)[504]
        return count

    def _read(self, said: "_Said", kind: bytes, start: int, length: int) -> "_Said":
        """What is said of the next member besides its own header."""
        if kind in (LONG_LINK, PAX_ALL):
            return said
        if length > MOST_EXTENSION:
            raise InputError(f"{self._file}: a name of {length:,} bytes; make it again")
        data = os.pread(self._handle, length, start)
        if kind == LONG_NAME:
            return said._replace(name=_text(data.partition(b"\0")[0]))
        try:
            return _pax(said, data)
        except ValueError:
            raise InputError(
                f"{self._file}: damaged at byte {start}; copy or make it again"
            ) from None


class _Said(NamedTuple):
    name: str | None = None
    size: int | None = None
    odd: str = ""


def _pax(said: _Said, data: bytes) -> _Said:
    """Of records ``length key=value\\n`` those that say another name, size, or a sparse file."""
    while data.strip(b"\0"):
        digits, blank, _ = data.partition(b" ")
        length = _digits(digits)
        record, data = data[len(digits) + 1 : length], data[length:]
        key, equals, value = record.removesuffix(b"\n").partition(b"=")
        whole = len(digits) + 1 + len(record) == length
        if not (whole and blank and equals and record.endswith(b"\n")):
            raise ValueError(length)
        if key == b"path":
            said = said._replace(name=_text(value))
        elif key == b"size":
            said = said._replace(size=_digits(value))
        elif key.startswith(b"GNU.sparse."):
            said = said._replace(odd="a sparse file")
    return said


def _digits(text: bytes) -> int:
    """A number of a pax record; ``int`` alone would take signs, blanks and underscores too.

    Raises:
        ValueError: it is none.
    """
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


def _number(field: bytes) -> int | None:
    """A number of a header: octal digits, or from the first bit on big-endian; None if neither."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        found = int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return None
    return found if found >= 0 else None


def _name(head: bytes) -> str:
    name = head[:100].partition(b"\0")[0]
    prefix = head[345:500].partition(b"\0")[0] if head[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _odd(kind: bytes) -> str:
    if kind in FILES:
        return ""
    links = {b"1": "a link", b"2": "a link", SPARSE: "a sparse file"}
    return links.get(kind, "no regular file")
