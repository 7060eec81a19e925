"""Reading a corpus: which formats there are, and which of them fits."""

from pathlib import Path
from typing import Protocol, cast

from core.corpora._places import unfit
from core.errors import InputError
from core.plugins import load, names
from core.records import Corpus

_FORMATS = "core.corpora"


class Format(Protocol):
    """What each file of this folder is; one that starts with ``_`` is no format.

    ``NEEDS`` is a phrase for the help. ``EXAMPLE`` maps file names to texts, those of a.jpg, b.jpg
    and c.jpg empty: a smallest corpus of this format, and of no other.
    """

    NEEDS: str
    EXAMPLE: dict[str, str]

    def recognises(self, path: Path) -> bool:
        """Whether the file names at ``path`` look like this format; nothing is read."""

    def read(self, path: Path) -> Corpus:
        """The corpus at ``path``."""


def formats() -> dict[str, str]:
    """The formats, sorted by name, and what each needs on disk."""
    return {name: _format(name).NEEDS for name in names(_FORMATS)}


def read_corpus(path: Path, format: str = "auto") -> Corpus:
    """Read the corpus at ``path``, a folder or for some formats a file.

    ``auto`` takes the one format that recognises the path. It never chooses among several: the
    same pictures come with different splits (Karpathy's and Hodosh's of Flickr8k).

    Raises:
        InputError: nothing is there, no format fits or several do, or the format's own reader
            found a fault.
        SettingError: there is no format of that name.
    """
    name = format
    try:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; check the path")
        if name == "auto":
            name = _recognise(path)
        elif path.is_dir() and not _format(name).recognises(path):
            raise unfit(path, name, _format(name).NEEDS)
        return _format(name).read(path)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror or error}; check the path and permissions"
        ) from error


def _recognise(path: Path) -> str:
    fitting = [name for name in names(_FORMATS) if _format(name).recognises(path)]
    if len(fitting) > 1:
        raise InputError(f"{path}: fits {' and '.join(fitting)}; choose one with --format")
    if not fitting:
        needs = "; ".join(f"{name}: {need}" for name, need in formats().items())
        raise InputError(
            f"{path}: no corpus of a known format; one of these must be there: {needs}"
        )
    return fitting[0]


def _format(name: str) -> Format:
    return cast(Format, load(_FORMATS, name))
