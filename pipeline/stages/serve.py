"""A run that is served: its corpora, a page, and an address of this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.errors import InputError, SettingError
from core.wording import counted, one_line
from pipeline.indexed.opened import all_opened
from pipeline.interrupt import EXIT
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import corpus_of
from pipeline.said.progress import say, show
from pipeline.searched.face import Find
from pipeline.served.address import Address
from pipeline.served.collection import ServedCorpus
from pipeline.served.guard import Guard
from pipeline.served.installed import require_server
from pipeline.served.limits import Limits
from pipeline.served.listening import address_of, bound, names_of
from pipeline.served.page_files import page_files
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed.where_words import index_words, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is served.

    ``corpora`` are searched, the run's own where there are none; ``caches`` are of their pictures,
    where they are to be named; ``out`` is where the vectors of the one corpus are kept, in the
    place of the run; ``splits`` are those that may be seen, all where there are none; ``by_index``
    has what the indexes of the vectors find compared, and no other.
    """

    corpora: Sequence[CorpusAt] = ()
    caches: Sequence[Path] = ()
    out: Path | None = None
    splits: tuple[str, ...] = ()
    by_index: bool = False


def serve(
    run: Path,
    *,
    terms: Terms,
    at: Address,
    wanted: Wanted,
    limits: Limits | None = None,
) -> int:
    """Serve until a signal ends it; the address is shown once it answers.

    Returns:
        The exit code that says which signal it was.

    Raises:
        SettingError: what serves is not installed, or nothing can listen there.
        RunError, CacheError, InputError: as ``pipeline.searched.collect.collect`` and, of indexes,
            ``pipeline.indexed.opened.all_opened``.
    """
    require_server()
    if wanted.out and len(wanted.corpora) > 1:
        raise SettingError(
            "--out keeps the vectors of one corpus; leave it out, or give one --data"
        )
    names, limits = names_of(at.host, at.names), limits or Limits()
    # Held before hours of work: what is taken is told at once.
    with bound(at.host, at.port) as held:
        found = _collections(run, terms, wanted)

        from pipeline.served.app import Served
        from pipeline.served.server import Server
        from pipeline.shown.thumbnails import decoding

        def listening() -> None:
            at.warn()
            say("Ctrl-C ends it")
            show(address_of(held, at.host))

        served = Served(run.resolve().name, found, page_files(), limits)
        server = Server(Guard(served.app, names), limits, listening)
        with decoding(), at.listened():
            server.run([held])
    served.close()
    say("stopped")
    return EXIT + server.ended_by


def _collections(run: Path, terms: Terms, wanted: Wanted) -> list[ServedCorpus]:
    """What is searched, one embedder for all."""
    from pipeline.searched.collect import collect

    once = Once(terms.work)
    asked: list[CorpusAt | None] = [*wanted.corpora] or [None]
    given = [
        collect(run, terms=terms, data=data, caches=wanted.caches, out=wanted.out, once=once)
        for data in asked
    ]
    indexes = [
        all_opened(of, partial(_index_line, run, terms, wanted, data)) if wanted.by_index else {}
        for of, data in zip(given, asked, strict=True)
    ]

    from pipeline.searched.embedder import load
    from pipeline.searched.searcher import RunSearcher
    from pipeline.served.together import Together

    embedder = load(run, device=terms.device, work=terms.work, once=once)
    roots = [data.path if data else _own(run, once) for data in asked]
    found = []
    for of, root, sides in zip(given, roots, indexes, strict=True):
        searcher = RunSearcher(of, embedder, Together(of, sides))
        searcher.among("pictures", wanted.splits)  # refuses a split that is none
        folder = root if root.is_dir() else root.parent
        collection = ServedCorpus(of.corpus.name, searcher, folder, wanted.splits)
        _ask_once(collection)
        pictures, captions = sum(collection.sizes.values()), collection.captions
        told = f"{counted(pictures, 'picture')}, {counted(captions, 'caption')}"
        say(f"serves {one_line(collection.name)}: {told}")
        found.append(collection)
    return found


def _index_line(run: Path, terms: Terms, wanted: Wanted, data: CorpusAt | None, find: Find) -> str:
    """What builds the index of a side of one corpus, as it is typed."""
    words = index_words(run, find)
    return line(words, work=terms.work, data=data, caches=wanted.caches, out=wanted.out)


def _own(run: Path, once: Once) -> Path:
    """Where the run's corpus is; its folder, where that is not known."""
    return corpus_of(run, once.opened(run).config["given"], lambda _: None) or run


def _ask_once(collection: ServedCorpus) -> None:
    """Search once, so that the first search of a client takes no longer than another."""
    searcher = collection.searcher
    searcher.by_row(0, 1)
    if searcher.corpus.captions:
        try:
            searcher.by_text(searcher.corpus.captions[0].text, 1)
        except InputError:  # a caption of words that the run does not know
            return
