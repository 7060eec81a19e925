"""The files of the page: those that are there when it is served, and no other."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from pipeline.served.refused import Refused

FOLDER = Path(__file__).with_name("page")
INDEX = "index.html"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


class PageFile(NamedTuple):
    """A file, what it is, and by which name a browser asks whether it is still that."""

    data: bytes
    kind: str
    tag: str


def page_files(folder: Path = FOLDER) -> dict[str, PageFile]:
    """Each file of ``folder`` that a page may be made of, by its name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if kind := KINDS.get(path.suffix):
            data = path.read_bytes()
            found[path.name] = PageFile(data, kind, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
    return found


def page_file(files: dict[str, PageFile], name: str) -> PageFile:
    """One of them.

    Raises:
        Refused: 404: there is none of that name.
    """
    if name not in files:
        raise Refused(404, "the page has no such file; / is the page")
    return files[name]
