"""Word vectors in text files: GloVe's (a word and its numbers a line) and word2vec's.

word2vec's begin with a line ``count width``; fastText's ``.vec`` files are such. Lines end with
``\\n`` alone, fields are parted by one space: a word may hold spaces itself (some of glove.840B do)
and every other character, such as U+0085 or a no-break space. Both kinds may be gzipped.
"""

import gzip
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.files import naming, open_regular

WAY = "get the file again, or leave it out"
HEADER = re.compile(rb"\d+ \d+")
NUMBER = re.compile(rb"[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?")
"""What a word does not end with: numbers without a point may be words, also after a space."""
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
LOOKED_AT = 100
LONGEST = 2**20
"""So many bytes of a line are read: as many as 65,536 numbers need, about."""


class Lines(Protocol):
    """Bytes that are read line by line."""

    def readline(self, size: int, /) -> bytes:
        """The next line with its end, or so much of it; nothing at the end."""


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The vectors of some words.

    Attributes:
        values: (words, width) float32, finite; zeros where a word is not in the file.
        found: (words,) bool.
    """

    values: npt.NDArray[np.float32]
    found: npt.NDArray[np.bool_]


def width_of(path: Path) -> int:
    """How many numbers each word of the file has; only its beginning is read.

    Raises:
        InputError: it is no file of word vectors; says which line is none.
        OSError: it cannot be read.
    """
    with _opened(path) as stream:
        return _Head.of(path, stream).width


def read_vectors(path: Path, words: Sequence[str]) -> WordVectors:
    """The vectors of ``words``, each of which is there once; every line of the file is looked at.

    The file is never in memory, and only the numbers of the wanted words are read. Of a word that
    is there twice the first line counts. Words are compared in Unicode's NFC, as they are written
    otherwise: ``The`` is not ``the``. Empty lines count as not there.

    Raises:
        InputError: a line has more or fewer numbers than the others, a word that is no UTF-8 text,
            or, of a wanted word, what is no finite float32; or the file is cut: it ends inside of
            its gzip stream or before the count of its first line. Names the line.
        OSError: it cannot be read.
    """
    place = {word: row for row, word in enumerate(words)}
    with _opened(path) as stream:
        head = _Head.of(path, stream)
        values = np.zeros((len(words), head.width), np.float32)
        found = np.zeros(len(words), np.bool_)
        for number, line in head.lines(stream):
            word, numbers = head.parted(number, line)
            row = place.get(word, -1)
            if row >= 0 and not found[row]:
                values[row], found[row] = head.finite(number, numbers), True
    return WordVectors(values, found)


def vector_text(words: Sequence[str], values: npt.NDArray[np.float32]) -> bytes:
    """word2vec's text format, which ``read_vectors`` reads to the same bits.

    Args:
        words: without line breaks, each once.
        values: (words, width) float32, finite.
    """
    told = [f"{len(words)} {values.shape[1]}"]
    told += (" ".join([word, *map(str, row)]) for word, row in zip(words, values, strict=True))
    return "\n".join([*told, ""]).encode()


@dataclass(frozen=True, slots=True)
class _Head:
    """What the beginning of a file tells of its lines.

    ``count`` is how many words the first line promises, -1 without such a line; ``first`` are the
    lines that were read for it, the header among them.
    """

    path: Path
    width: int
    count: int
    first: list[bytes]

    @staticmethod
    def of(path: Path, stream: Lines) -> "_Head":
        """Read the beginning of ``stream``; the usual width of its lines is the file's."""
        first = list(islice(iter(lambda: stream.readline(LONGEST), b""), LOOKED_AT))
        if first and first[0].startswith(ZIP):
            raise InputError(f"{path} is a zip archive; unpack it, and give the file inside")
        start = _plain(first[0]) if first else b""
        if HEADER.fullmatch(start):
            count, width = map(int, start.split(b" "))
        else:
            many = Counter(line.count(b" ") for line in map(_plain, first) if b" " in line)
            count, width = -1, max(many, key=lambda each: (many[each], each), default=0)
        if width < 1 or not count:
            raise InputError(
                f"{path} holds no word vectors: a line is a word and its numbers, parted by "
                "spaces, as GloVe and word2vec write text; give such a file"
            )
        return _Head(path, width, count, first)

    def lines(self, stream: Lines) -> Iterator[tuple[int, bytes]]:
        """The lines of words with their numbers, from 1; ``stream`` stands behind the head."""
        headers, words, number = int(self.count >= 0), 0, 0
        for block in (self.first, iter(lambda: stream.readline(LONGEST), b"")):
            for whole in block:
                number += 1
                line = _plain(whole)
                if not line or number <= headers:
                    continue
                words += 1
                if headers and words > self.count:
                    raise self._error(number, f"is beyond the {self.count:,} words of line 1")
                yield number, line
        if headers and words < self.count:
            told = f"is the last, and line 1 tells of {self.count:,} words: the file is cut"
            raise self._error(number, told)

    def parted(self, number: int, line: bytes) -> tuple[str, bytes]:
        """The word of a line, and its numbers."""
        start, spaces = line.find(b" "), line.count(b" ")
        if spaces != self.width:
            if spaces < self.width:
                cut = " (a file in word2vec's binary form must be saved as text first)"
                raise self._error(number, self._many(spaces) + (cut if self.count >= 0 else ""))
            held, *fields = line.rsplit(b" ", self.width)
            start = len(held)
            if not all(fields) or NUMBER.fullmatch(held.rpartition(b" ")[2]):
                raise self._error(number, self._many(spaces))
        try:
            word = line[:start].decode()
        except UnicodeDecodeError:
            raise self._error(number, "begins with a word that is no UTF-8 text") from None
        return word if word.isascii() else unicodedata.normalize("NFC", word), line[start + 1 :]

    def finite(self, number: int, numbers: bytes) -> npt.NDArray[np.float32]:
        """(width,) the numbers of a line."""
        try:
            with np.errstate(over="ignore"):
                row = np.array([float(each) for each in numbers.split(b" ")]).astype(np.float32)
        except ValueError:
            raise self._error(number, "holds what is no number where one should be") from None
        if not np.isfinite(row).all():
            raise self._error(number, "holds a number that is not finite")
        return row

    def _many(self, numbers: int) -> str:
        return f"has {numbers:,} numbers, not {self.width:,}"

    def _error(self, number: int, told: str) -> InputError:
        return InputError(f"{self.path}: line {number:,} {told}; {WAY}")


def _plain(line: bytes) -> bytes:
    """Without its end; word2vec's own program leaves a space there."""
    return line.rstrip(b" \r\n")


@contextmanager
def _opened(path: Path) -> Iterator[Lines]:
    """The bytes of a regular file, unpacked where they are gzipped."""
    with naming(path), open_regular(path) as raw:
        packed = raw.peek(2).startswith(GZIP)
        try:
            yield gzip.GzipFile(fileobj=raw) if packed else raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(f"{path} is cut or damaged ({error}); {WAY}") from None
