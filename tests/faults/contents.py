"""What is in a folder, and how two folders differ."""

import io
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

UNTOLD = frozenset({".lock", "journal.jsonl", "report.html"})
"""Who wrote last, and what it cost, which the page of a report shows: another each time."""
KEPT = frozenset({"known", "likeness.json"})
"""A folder, and a file, of what is asked anew where it is lost, so that nothing depends on it."""

Contents = dict[str, str]
"""The path of each file below a folder -> its SHA-256."""


def contents(root: Path) -> Contents:
    """All files below ``root``, but for ``UNTOLD`` and what is in ``KEPT``."""
    files = (file for file in sorted(root.rglob("*")) if file.is_file())
    told = (
        file
        for file in files
        if file.name not in UNTOLD and KEPT.isdisjoint((file.name, file.parent.name))
    )
    return {str(file.relative_to(root)): digest(file) for file in told}


def digest(file: str | Path) -> str:
    """The SHA-256 of a file; no watch sees it read."""
    with io.FileIO(file) as stream:
        return sha256(stream.readall()).hexdigest()


def differences(found: Contents, wanted: Contents) -> list[tuple[str, str]]:
    """Each file that is missing, more, or another: (which of these, its path)."""
    every = sorted(found.keys() | wanted.keys())
    return [(_how(found, wanted, p), p) for p in every if found.get(p) != wanted.get(p)]


def strangers(found: Contents, known: Iterable[tuple[str, str]]) -> list[str]:
    """The files under a final name that never were what they are now when nothing failed."""
    usual = set(known)
    return [
        path
        for path, told in found.items()
        if not Path(path).name.startswith(".tmp-") and (path, told) not in usual
    ]


def _how(found: Contents, wanted: Contents, path: str) -> str:
    return "missing" if path not in found else "more" if path not in wanted else "another"
