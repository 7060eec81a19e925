"""A run and a corpus, ready to be searched."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.indexed.opened import opened
from pipeline.memory.once import Once
from pipeline.searched.collect import collect
from pipeline.searched.face import Find
from pipeline.searched.galleries import Galleries
from pipeline.searched.searcher import RunSearcher
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed.where_words import index_words, line


def searcher(
    run: Path,
    *,
    terms: Terms,
    data: CorpusAt | None = None,
    caches: Sequence[Path] = (),
    out: Path | None = None,
    once: Once | None = None,
    index: Find | None = None,
) -> RunSearcher:
    """The searcher of ``run`` and of one corpus, whose vectors are computed where they are not.

    The arguments and errors are those of ``pipeline.searched.collect.collect``; ``index`` is the
    side that is searched by its index (``pipeline.indexed.opened``), else all are compared.
    """
    once = once or Once(terms.work)
    collection = collect(run, terms=terms, data=data, caches=caches, out=out, once=once)

    indexes = {}
    if index:
        words = index_words(run, index)
        build = line(words, work=terms.work, data=data, caches=caches, out=out)
        indexes[index] = opened(collection, index, build)

    from pipeline.searched.embedder import load

    embedder = load(run, device=terms.device, work=terms.work, once=once)
    return RunSearcher(collection, embedder, Galleries(collection, indexes))
