"""The words of texts, kept in a folder: captions are split once, not at each start.

A file holds the words of one sequence of texts. Its name is the SHA-256 of the texts and of all
that splits them: the code of ``core.splitting``, nltk's version, Python's. Its first line is the
SHA-256 of that name and of the rest, so a file that was damaged or renamed is made anew; the folder
may be taken away at any time, and where it cannot be written nothing is kept.
"""

import io
import json
import platform
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

from core import splitting
from core.code import code
from core.files import json_sha256, read_regular, write_bytes
from core.leftovers import tidy
from core.text_words import TextWords

FORMAT = "tencrop-words/1"
FACES = frozenset({"core.errors"})
"""What the code of splitting imports and does not follow from."""


class KeptWords:
    """A ``Splitter`` that keeps what it gives."""

    def __init__(self, folder: Path, say: Callable[[str], None]):
        """Nothing is read or made before texts are split; ``say`` is told of a damaged file.

        ``folder`` is made where the one around it is there.
        """
        self._folder, self._say = folder, say

    def __call__(self, texts: Iterable[str], split: str) -> TextWords:
        """The words of ``texts``: those that are kept, else split now and kept.

        Raises:
            InputError: a text takes too long to split.
        """
        whole = list(texts)
        key = _key(whole, split)
        file = self._folder / f"{key}.words"
        kept = self._read(file, key)
        if kept is None:
            kept = splitting.split_all(whole, split)
            self._keep(file, _bytes(kept, key))
        return kept

    def _keep(self, file: Path, data: bytes) -> None:
        if self._folder.parent.is_dir():
            with suppress(OSError):
                write_bytes(file, data)
                tidy(self._folder)

    def _read(self, file: Path, key: str) -> TextWords | None:
        try:
            data = read_regular(file)
        except OSError:
            return None
        digest, _, content = data.partition(b"\n")
        if digest != _digest(key, content):
            self._say(f"{file} is damaged: these captions are split into words anew")
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            words = json.loads(arrays["words"].tobytes())
            return TextWords(tuple(words), arrays["numbers"], arrays["lengths"])


def _key(texts: list[str], split: str) -> str:
    told = sha256()
    for each in texts:
        data = each.encode("utf-8", "surrogatepass")
        told.update(b"%d\n" % len(data) + data)
    return json_sha256({"texts": told.hexdigest(), "split": split, **_by()})


@cache
def _by() -> dict[str, object]:
    """All that splits a text."""
    return {
        "format": FORMAT,
        "code": code([splitting.__name__], FACES),
        "nltk": version("nltk"),
        "python": platform.python_version(),
        "unicode": unicodedata.unidata_version,
    }


def _bytes(found: TextWords, key: str) -> bytes:
    stream = io.BytesIO()
    words = np.frombuffer(json.dumps(found.words).encode(), dtype=np.uint8)
    np.savez(stream, words=words, numbers=found.numbers, lengths=found.lengths)
    content = stream.getvalue()
    return _digest(key, content) + b"\n" + content


def _digest(key: str, content: bytes) -> bytes:
    return sha256(key.encode() + content).hexdigest().encode()
