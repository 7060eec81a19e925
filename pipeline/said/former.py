"""What is found was made by former code of a part: said, since no key of it tells."""

from collections.abc import Mapping
from pathlib import Path
from shlex import join
from typing import Any

from core.code import changed
from pipeline.typed.by_make import as_typed

KEPT = "it is used as it is"
OF_CACHE = "the `features` command that made it"
OF_RUN = "the `train` command that made it"


def cache(path: Path, manifest: Mapping[str, Any], now: Mapping[str, str], *, makes: bool) -> str:
    """A sentence of a cache that other code has made; empty where the code is the same, or unknown.

    Args:
        path: the cache.
        manifest: its ``cache.json``.
        now: what ``extract.code.code_of`` says of its backbone today.
        makes: whether the command that says so would make it anew.
    """
    files = changed(manifest.get("made_with", {}).get("code"), now)
    return _told(
        path, "made", files, "this again, or take another --work folder" if makes else OF_CACHE
    )


def run(path: Path, files: list[str], *, makes: bool) -> str:
    """A sentence of a run that other code has trained.

    Args:
        path: the run.
        files: whose code was another, as ``train.former.changed_since`` tells; it may be empty, and
            then the sentence is.
        makes: whether the command that says so would train it anew.
    """
    return _told(path, "trained", files, "this again, or take another --run" if makes else OF_RUN)


def _told(path: Path, made: str, files: list[str], way: str) -> str:
    if not files:
        return ""
    remove = as_typed(join(["remove", str(path)]))
    return (
        f"{path} was {made} before {', '.join(files)} changed: {KEPT}; to make it anew type "
        f"{remove} and {way}"
    )
