"""The options of ``Where`` as they would be typed again, for lines that say what to type."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from core.work_folder import WORK
from pipeline.stages.terms import CorpusAt
from pipeline.typed.by_make import as_typed


def line(
    words: Sequence[str],
    *,
    work: Path,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
    out: Path | None = None,
) -> str:
    """The command ``words`` about the same vectors, as it would be typed.

    The other arguments are those of ``pipeline.searched.collect.collect``.
    """
    return as_typed(shlex.join([*words, *_options(work, data, caches, out)]))


def index_words(run: Path, find: str) -> list[str]:
    """What builds the index of the side ``find``."""
    return ["index", str(run), "--find", find]


def search_words(run: Path, find: str) -> list[str]:
    """What asks that index."""
    return ["search", str(run), "a red car", "--find", find, "--index"]


def _options(
    work: Path, data: CorpusAt | None, caches: Sequence[Path], out: Path | None
) -> list[str]:
    """Options with their values; what is as it would be without them is left out."""
    words = ["--data", str(data.path)] if data else []
    if data and data.data_format != "auto":
        words += ["--format", data.data_format]
    for cache in caches:
        words += ["--cache", str(cache)]
    words += ["--out", str(out)] if out else []
    return [*words, "--work", str(work)] if work != Path(WORK) else words
