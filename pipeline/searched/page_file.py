"""Where ``search --html`` writes: a new file, or the page that an earlier search has written."""

from pathlib import Path

from core.errors import InputError
from core.files import open_regular, write_bytes
from pipeline.shown.markup import Html, tag

HEAD = 4096
"""Bytes of a page in which its mark is looked for."""


def mark() -> Html:
    """What the head of such a page has."""
    return tag("meta", name="generator", content="tencrop search")


def refuse_others(file: Path) -> None:
    """Refuse to write over what ``search`` has not written.

    Raises:
        InputError: there is something else, a link or a folder too; it is left as it is.
        OSError: it cannot be read; with its name.
    """
    if file.is_symlink() or (file.exists() and not _is_ours(file)):
        raise InputError(
            f"{file} is there, and `search --html` has not written it; choose another --html"
        )


def write_page(file: Path, page: str) -> None:
    """Write a page whose head has ``mark``, whole or not at all.

    Raises:
        InputError: as ``refuse_others``.
        OSError: it cannot be written; with its name.
    """
    refuse_others(file)
    write_bytes(file, page.encode())


def _is_ours(file: Path) -> bool:
    if not file.is_file():
        return False
    with open_regular(file) as stream:
        head = stream.read(HEAD)
    return head.startswith(b"<!doctype html>") and str(mark()).encode() in head
