"""A page that says what it shows, and tells whether each byte of it is as it was written."""

import re
from hashlib import sha256
from pathlib import Path

from core.files import read_regular, write_bytes
from pipeline.shown.markup import Html, tag

SHOWS, DIGEST = "tencrop-shows", "tencrop-sha256"
_BLANK = "0" * 64
_META = '<meta name="{}" content="([0-9a-f]{{64}})">'
MOST = 2**25
"""Bytes of a page that is read: more than any has."""


def seal(digest: str) -> list[Html]:
    """For the head of a page: the SHA-256 of what it shows, and room for its own."""
    return [tag("meta", name=SHOWS, content=digest), tag("meta", name=DIGEST, content=_BLANK)]


def write_page(file: Path, page: str) -> None:
    """Write a page whose head has ``seal``, whole or not at all, with its digest.

    Raises:
        OSError: it cannot be written.
    """
    data = page.encode()
    digest = sha256(data).hexdigest()
    write_bytes(file, data.replace(_BLANK.encode(), digest.encode(), 1))


def shows(file: Path, digest: str) -> bool:
    """Whether the page is whole and shows what has this digest."""
    try:
        return shown(file) == digest
    except OSError:
        return False


def shown(file: Path) -> str | None:
    """What the page shows; None where it is no page of ours, to the byte as it was written.

    Raises:
        OSError: there is no such file, or it cannot be read.
    """
    data = read_regular(file, most=MOST)
    found = [re.search(_META.format(name).encode(), data) for name in (SHOWS, DIGEST)]
    told, digest = found
    if told is None or digest is None:
        return None
    start, end = digest.span(1)
    whole = sha256(data[:start] + _BLANK.encode() + data[end:]).hexdigest()
    return told[1].decode() if whole == digest[1].decode() else None
