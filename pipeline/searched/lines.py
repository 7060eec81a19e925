"""The sentences of a file, one a line."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.errors import InputError
from core.files import read_regular
from core.wording import counted
from pipeline.said.progress import say
from pipeline.searched.sentences import refuse_odd

STDIN = "-"
MOST_BYTES = 2**30


class Line(NamedTuple):
    """A sentence, its line in its file, counted from 1, and what messages call it."""

    number: int
    text: str
    name: str


def lines_of(file: Path, most: int = MOST_BYTES) -> list[Line]:
    """Every line that is not blank, of a file or of stdin (``-``); how many are blank is said.

    Raises:
        InputError: it is larger than ``most`` bytes or holds no sentence; or a line is too long, or
            is no UTF-8, and which one.
        OSError: there is no such file, or it cannot be read; with its name.
    """
    stdin = str(file) == STDIN
    name = "stdin" if stdin else str(file)
    data = sys.stdin.buffer.read(most + 1) if stdin else read_regular(file, most=most)
    if len(data) > most:
        raise InputError(f"{name} is larger than {most:,} bytes; give its lines in several parts")
    every = list(_lines(data.removeprefix(b"\xef\xbb\xbf"), name))
    found = [line for line in every if line.text]
    if not found:
        raise InputError(f"{name} holds no sentence; write one a line")
    if blank := len(every) - len(found):
        say(f"{name}: {counted(blank, 'blank line')} left out")
    return found


def _lines(data: bytes, name: str) -> Iterator[Line]:
    for number, line in enumerate(data.splitlines(), start=1):
        where = f"{name}, line {number:,}"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise InputError(f"{where}: no UTF-8; save it as UTF-8") from None
        if text.strip():
            refuse_odd(text, where)
        yield Line(number, text.strip(), where)
