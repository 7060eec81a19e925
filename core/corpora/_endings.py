"""The endings of files that tell of pictures: each format's own file declares its own."""

from functools import lru_cache
from importlib import import_module
from typing import Any

from core.errors import SettingError
from core.plugins import constant, names

FORMATS = "core.corpora"
SPREADSHEET_ENDINGS = (".xlsx", ".xls", ".xlsm", ".ods")
FOREIGN = (".xml", *SPREADSHEET_ENDINGS)
"""Of tables that people have and no format reads: that they were seen is worth saying."""


def table_endings() -> tuple[str, ...]:
    """Such as ``.csv``, of all formats that are there now; no format is imported."""
    return _of(tuple(names(FORMATS)), tuple(import_module(FORMATS).__path__))


@lru_cache(maxsize=8)
def _of(formats: tuple[str, ...], folders: tuple[str, ...]) -> tuple[str, ...]:
    """Of these formats in these folders: what is found there is looked at once."""
    del folders
    found = [ending for name in formats for ending in _declared(name)]
    return tuple(dict.fromkeys([*found, *FOREIGN]))


def _declared(name: str) -> tuple[str, ...]:
    """``ENDINGS`` of a format; none where it reads pictures alone, or its file is broken."""
    try:
        found = constant(FORMATS, name, "ENDINGS")
    except SettingError:
        return ()
    return tuple(ending.lower() for ending in found) if sound(found) else ()


def sound(endings: Any) -> bool:
    """Whether it is a tuple of texts such as ``.csv``: a text alone would be its letters."""
    return isinstance(endings, tuple) and all(
        isinstance(ending, str) and ending.startswith(".") and len(ending) > 1 for ending in endings
    )
