"""Captions without their pictures, for who reads words alone: a corpus, or one of its tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from core.corpora._formats import explain, read_corpus
from core.corpora._places import corpus_name
from core.corpora._tables import read_rows
from core.corpora.flickr_results import result_rows
from core.corpora.flickr_tokens import token_rows
from core.corpora.kaggle_captions import kaggle_rows
from core.errors import InputError
from core.files import naming
from core.records import Caption, Corpus, Image

Told = Iterable[tuple[str, str]]
"""(name of a picture, a caption of it)."""


def _of_a_table(path: Path) -> Told:
    return ((row.image, row.caption) for row in read_rows(path))


def _of_tokens(path: Path) -> Told:
    return ((name, caption.text) for name, caption in token_rows(path)[0])


def _of_results(path: Path) -> Told:
    rows = result_rows(path)[0].items()
    return ((name, text) for name, told in rows for _, text in told)


def _of_kaggle(path: Path) -> Told:
    return ((name, text) for name, texts in kaggle_rows(path).items() for text in texts)


class Reader(NamedTuple):
    """Reads a table of captions; ``whole`` is the format of a folder that has its pictures too."""

    read: Callable[[Path], Told]
    whole: str


_TABLE = Reader(_of_a_table, "folder")
_TOKENS = Reader(_of_tokens, "flickr_tokens")
READERS: Mapping[str, Reader] = {
    "results.csv": Reader(_of_results, "flickr_results"),
    "captions.txt": Reader(_of_kaggle, "kaggle_captions"),
    "captions.csv": _TABLE,
    "captions.tsv": _TABLE,
    "captions.jsonl": _TABLE,
    "*.token.txt": _TOKENS,
    "*.token": _TOKENS,
}
"""The end of a table's name -> its reader."""


def read_captions(path: Path, format: str = "auto") -> Corpus:
    """The captions of the corpus at ``path``, or of a table of captions whose pictures are absent.

    Args:
        path: whatever ``read_corpus`` takes; or a table of its formats, or the folder that holds
            one, without pictures. Of such all pictures are of the split ``train``. The table of a
            corpus that has its pictures is that corpus.
        format: as of ``read_corpus``; a table that lies alone is told by its name.

    Raises:
        InputError, SettingError: as ``read_corpus``.
    """
    alone = _alone(path) if format == "auto" else None
    if alone is None:
        return read_corpus(path, format)
    table, reader = alone
    if table == path and _found(path.parent) == alone and _is_corpus(path.parent, reader.whole):
        return read_corpus(path.parent)
    texts: dict[str, list[str]] = defaultdict(list)
    with naming(table):
        for name, text in reader.read(table):
            texts[name].append(text)
    if not texts:
        raise InputError(f"{table} holds no captions; give another file")
    images = [Image(name, None, "train") for name in texts]
    captions = [
        (name, Caption(f"{name}#{k}", text))
        for name, told in texts.items()
        for k, text in enumerate(told)
    ]
    return Corpus.build(corpus_name(path if path.is_dir() else path.parent), images, captions)


def _alone(path: Path) -> tuple[Path, Reader] | None:
    """The one table of captions that ``path`` is or holds, where it is no corpus."""
    if not path.exists() or explain(path).formats:
        return None
    return _found(path)


def _is_corpus(folder: Path, format: str) -> bool:
    return explain(folder).formats == (format,)


def _found(path: Path) -> tuple[Path, Reader] | None:
    """The one table of captions that ``path`` is or holds."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = {
        file: reader
        for file in files
        for name, reader in READERS.items()
        if file.is_file() and _is(file.name.lower(), name)
    }
    return next(iter(found.items())) if len(found) == 1 else None


def _is(name: str, pattern: str) -> bool:
    ending = pattern.removeprefix("*")
    return name.endswith(ending) if ending != pattern else name == pattern
