"""What a work folder is told by: it may be made inside of a corpus, and is none of it."""

from collections.abc import Iterable

WORK = "work"
"""The work folder, where none is given."""
JOURNAL, LIKENESS = "journal.jsonl", "likeness.json"
"""Files that only a work folder has."""
FEATURES, KNOWN = "features", "known"
"""Folders that only a work folder has both of."""


def is_work_folder(folders: Iterable[str], files: Iterable[str]) -> bool:
    """Whether a folder with these folders and files directly in it is a work folder.

    Example:
        >>> is_work_folder([], ["journal.jsonl"]), is_work_folder(["features"], ["a.jpg"])
        (True, False)
    """
    return not {JOURNAL, LIKENESS}.isdisjoint(files) or {FEATURES, KNOWN}.issubset(folders)
