"""Stage one of those who have features already: a folder of vectors to a cache."""

import time
from pathlib import Path

import numpy as np

from core.matrices import Row, open_matrix
from core.records import Corpus
from core.store.manifest import read_manifest
from core.wording import counted, lasting
from core.work_folder import FEATURES
from extract.imported import import_vectors
from pipeline.memory.journal import journaled
from pipeline.memory.once import Once
from pipeline.said import opening
from pipeline.said.progress import bar, say
from pipeline.stages.terms import CorpusAt, Terms


@journaled("import", lambda cache: (cache, int(read_manifest(cache)["rows"])))
def imported(data: CorpusAt, *, terms: Terms, encoder: str = "", once: Once | None = None) -> Path:
    """The directory of the cache of the vectors in ``data``; ``encoder`` says what made them.

    Raises:
        InputError: ``data`` holds pictures, or what does not fit together.
        NumberError: a vector is not finite.
    """
    once = once or Once(terms.work)
    corpus = once.corpus(data.path, data.data_format)
    if once.first(corpus):
        say(opening.corpus_found(corpus))
    for note in _conversions(corpus):
        say(note)
    began, total, there = time.monotonic(), len(corpus.images), 0

    def begun(path: Path, done: int) -> None:
        nonlocal there
        there = done
        say(opening.cached(path, done, total, opening.VECTOR))

    with (
        bar("digests", total, opening.VECTOR) as hashing,
        bar("import", total, opening.VECTOR) as progress,
    ):
        cache = import_vectors(
            corpus,
            terms.work / FEATURES,
            encoder=encoder,
            hashing=hashing,
            progress=progress,
            begun=begun,
            say=say,
        )
    if new := total - there:
        say(f"{counted(new, opening.VECTOR)} imported in {lasting(time.monotonic() - began)}")
    return cache


def _conversions(corpus: Corpus) -> list[str]:
    """A sentence where numbers are not kept as they are."""
    files = sorted({image.place.file for image in corpus.images if isinstance(image.place, Row)})
    types = {file.name: open_matrix(file).dtype for file in files}
    halves = [name for name, dtype in types.items() if dtype == np.float16]
    wide = [name for name, dtype in types.items() if dtype == np.float64]
    told = [f"{' and '.join(wide)} of float64 are kept as float32"] if wide else []
    if halves and len(halves) < len(types):
        told.append(f"{' and '.join(halves)} of float16 are kept as float32, as the others are")
    return told
