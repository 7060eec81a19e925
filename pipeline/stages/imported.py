"""Stage one of those who have features already: a folder of vectors to a cache."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np

from core.matrices import Row, open_matrix
from core.places import Place
from core.store.manifest import read_manifest
from core.wording import counted, lasting
from core.work_folder import FEATURES
from extract.imported import Heard, import_texts, import_vectors
from pipeline.memory.journal import journaled
from pipeline.memory.once import Once
from pipeline.said import opening
from pipeline.said.progress import bar, say
from pipeline.stages.terms import CorpusAt, Terms

TEXT_VECTOR = "text vector"


@journaled("import", lambda cache: (cache, int(read_manifest(cache)["rows"])))
def imported(data: CorpusAt, *, terms: Terms, encoder: str = "", once: Once | None = None) -> Path:
    """The directory of the cache of the images' vectors in ``data``, made by ``encoder``.

    Raises:
        InputError: ``data`` holds pictures, or what does not fit together.
        NumberError: a vector is not finite.
    """
    once = once or Once(terms.work)
    corpus = once.corpus(data.path, data.data_format)
    if once.first(corpus):
        say(opening.corpus_found(corpus))
    _say_conversions([image.place for image in corpus.images])
    make = partial(import_vectors, corpus, terms.work / FEATURES, encoder=encoder)
    return _told(make, len(corpus.images), opening.VECTOR)


@journaled("import", lambda cache: (cache, int(read_manifest(cache)["rows"])))
def _texts(data: CorpusAt, *, terms: Terms, encoder: str, once: Once) -> Path:
    corpus = once.corpus(data.path, data.data_format)
    _say_conversions([caption.place for caption in corpus.captions])
    make = partial(import_texts, corpus, terms.work / FEATURES, encoder=encoder)
    return _told(make, len(corpus.captions), TEXT_VECTOR)


def all_imported(
    data: CorpusAt, *, terms: Terms, encoder: str = "", once: Once | None = None
) -> list[Path]:
    """The cache of the images' vectors; and, where vectors stand for captions, the one of these.

    Raises:
        InputError, NumberError: as ``imported`` does.
    """
    once = once or Once(terms.work)
    first = imported(data, terms=terms, encoder=encoder, once=once)
    if not once.corpus(data.path, data.data_format).wordless:
        return [first]
    return [first, _texts(data, terms=terms, encoder=encoder, once=once)]


def _told(make: Callable[..., Path], total: int, what: str) -> Path:
    """The cache that ``make`` makes, with what a person is told of it."""
    began, there = time.monotonic(), 0

    def begun(path: Path, done: int) -> None:
        nonlocal there
        there = done
        say(opening.cached(path, done, total, what))

    with bar("digests", total, what) as hashing, bar("import", total, what) as progress:
        cache = make(heard=Heard(hashing, progress, begun, say))
    if new := total - there:
        say(f"{counted(new, what)} imported in {lasting(time.monotonic() - began)}")
    return cache


def _say_conversions(places: Iterable[Place | None]) -> None:
    """Say where numbers are not kept as they are."""
    matrices = sorted({(row.file, row.variable) for row in places if isinstance(row, Row)})
    types = {name or file.name: open_matrix(file, name).dtype for file, name in matrices}
    halves = [name for name, dtype in types.items() if dtype == np.float16]
    wide = [name for name, dtype in types.items() if dtype == np.float64]
    if wide:
        say(f"{' and '.join(wide)} of float64 are kept as float32")
    if halves and len(halves) < len(types):
        say(f"{' and '.join(halves)} of float16 are kept as float32, as the others are")
