"""Reading a corpus: which formats there are, and which of them fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from core.corpora._endings import sound
from core.corpora._nearly import advice, seen_at
from core.corpora._survey import looking_once
from core.errors import InputError, SettingError
from core.plugins import load, names
from core.records import Corpus

_FORMATS = "core.corpora"


class Format(Protocol):
    """What each file of this folder is; one that starts with ``_`` is no format.

    ``NEEDS`` is a phrase for the help. ``EXAMPLE`` maps file names to texts, those of a.jpg, b.jpg
    and c.jpg empty: a smallest corpus of this format, and of no other. In the place of a text, the
    members of a tar (a mapping) or the rows of a Parquet table (a list of them) may be told.
    ``ENDINGS``, where files beside or above the pictures tell of them, are what these end in.
    """

    NEEDS: str
    EXAMPLE: Mapping[str, Any]

    def recognises(self, path: Path) -> bool:
        """Whether the file names at ``path`` look like this format; nothing is read."""

    def read(self, path: Path) -> Corpus:
        """The corpus at ``path``."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a path was recognised as, or nearly.

    Attributes:
        path: as it was given.
        formats: the names of those that fit: one where it is a corpus, none or several where not.
        seen: what is there, by names alone: "12 pictures in images/, captions.csv".
        advice: what to do about it, without a full stop; empty where one format fits.
    """

    path: Path
    formats: tuple[str, ...]
    seen: str
    advice: str


def formats() -> dict[str, str]:
    """The formats, sorted by name, and what each needs on disk, or where its file is broken."""
    whole, broken = _read()
    told = {name: each.NEEDS for name, each in whole.items()}
    told |= {name: f"broken: {fault}" for name, fault in broken.items()}
    return dict(sorted(told.items()))


def explain(path: Path) -> Recognised:
    """What is at ``path``, which formats fit, and what to do where not exactly one does.

    Only names are looked at, no file is read.

    Raises:
        InputError: a folder there cannot be read.
    """
    try:
        with looking_once():
            fitting = _fitting(path)
            seen = seen_at(path)
            if len(fitting) == 1:
                return Recognised(path, fitting, seen, "")
            if fitting:
                way = f"fits {' and '.join(fitting)}; choose one with --format"
                return Recognised(path, fitting, seen, way)
            unread = [f"; or {name} is its format: {fault}" for name, fault in _read()[1].items()]
            return Recognised(path, (), seen, advice(path, _fitting) + "".join(unread[:1]))
    except OSError as error:
        raise _unreadable(path, error) from error


def read_corpus(path: Path, format: str = "auto") -> Corpus:
    """Read the corpus at ``path``, a folder or for some formats a file.

    ``auto`` takes the one format that recognises the path. It never chooses among several: the
    same pictures come with different splits (Karpathy's and Hodosh's of Flickr8k).

    Raises:
        InputError: nothing is there, no format fits or several do, or the format's own reader
            found a fault.
        SettingError: there is no format of that name.
    """
    try:
        with looking_once():
            chosen = None if format == "auto" else _format(format)
            if not path.exists():
                raise InputError(f"{path}: {seen_at(path)}; {advice(path, _fitting)}")
            return (chosen or _format(_recognise(path))).read(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _recognise(path: Path) -> str:
    fitting = _fitting(path)
    if len(fitting) == 1:
        return fitting[0]
    found = explain(path)
    if len(found.formats) > 1:
        raise InputError(f"{path}: {found.advice}")
    raise InputError(f"{path}: no corpus that can be read: {found.seen}; {found.advice}")


def _fitting(path: Path) -> tuple[str, ...]:
    return tuple(name for name, each in _read()[0].items() if each.recognises(path))


def _read() -> tuple[dict[str, Format], dict[str, str]]:
    """The formats by name; and of each broken file why: it stops only who asks for it."""
    whole: dict[str, Format] = {}
    broken: dict[str, str] = {}
    for name in names(_FORMATS):
        try:
            whole[name] = _format(name)
        except SettingError as fault:
            broken[name] = str(fault)
    return whole, broken


def _unreadable(path: Path, error: OSError) -> InputError:
    told = error.strerror or error
    return InputError(f"{error.filename or path}: {told}; check the path and permissions")


def _format(name: str) -> Format:
    """The format of this name.

    Raises:
        SettingError: there is none, or its file is broken or lacks what a format has.
    """
    found = load(_FORMATS, name)
    lacking = [each for each in ("NEEDS", "recognises", "read") if not hasattr(found, each)]
    if lacking:
        raise SettingError(f"{found.__file__} has no {' and no '.join(lacking)}; add what it lacks")
    if not sound(getattr(found, "ENDINGS", ())):
        raise SettingError(f"{found.__file__}: write ENDINGS as in ENDINGS = ('.csv',)")
    return cast(Format, found)
