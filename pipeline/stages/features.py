"""Stage one: a corpus and a backbone to a cache, or several, one after another."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import TencropError, TooManyFailures
from core.records import Corpus
from core.sources import refuse_other_facts
from core.store.manifest import read_manifest
from core.wording import counted, lasting
from core.work_folder import FEATURES
from extract.digests import Picture
from extract.found import Extraction, Layers, digested, find, find_wider
from extract.settings import FeatureSettings
from extract.stated import made_by
from pipeline.asked.like import Like
from pipeline.memory.journal import journaled
from pipeline.memory.late import Late
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.refusals.ahead import require_fitting_run, require_looks, require_splits
from pipeline.refusals.failures import left_out, listed, require
from pipeline.refusals.shares import too_many_lost
from pipeline.said import opening
from pipeline.said.progress import bar, say
from pipeline.stages.terms import CorpusAt, Terms

WAY_OUT = "give the run's own weights with --weights PATH, and its versions of the libraries"
Reads = Callable[[], Layers]
NOT_THERE = "pictures are not there"
MEND = "nothing was computed: mend the folder or the captions and run again"


@journaled("features", lambda done: (done[0], int(read_manifest(done[0])["rows"])))
def features(
    data: CorpusAt,
    settings: FeatureSettings | Like,
    *,
    terms: Terms,
    need: Sequence[str] = (),
    into: Path | None = None,
    checked: Callable[[], None] = lambda: None,
    once: Once | None = None,
    more: Sequence[FeatureSettings | Like] = (),
    reads: Reads | None = None,
) -> tuple[Path, TencropError | None]:
    """The cache's directory, and what to raise once its name is printed.

    It is made by ``settings``, or as a cache of a run was. Unreadable pictures are listed; more of
    them than ``terms`` allow make the error, and so do more captions of them where stages that
    ``need`` splits follow. Nothing is computed where more than that are not there at all, no
    picture with a caption is in a split of ``need``, or ``into`` is a run of other features,
    pictures or captions. ``checked`` is called before it is begun.
    ``once`` is what this process has read before, ``more`` what will be made after this. Where the
    cache is complete, nothing is loaded that computes. With ``reads``, the layers that a run will
    read of its caches, one that has others besides, of which none is read, serves as well; a run
    that there is tells its layers by what made them.

    Raises:
        TooManyFailures: too many pictures are not there.
    """
    once = once or Once(terms.work)
    corpus = once.corpus(data.path, data.data_format)
    require_looks(corpus, data.path)
    chosen = _chosen(settings)
    if once.first(corpus):
        say(opening.corpus_found(corpus))
    require_splits(corpus, need)
    computing = machine(terms.device, once.known)
    late, made = _ready(settings, corpus, into, once)
    if late.stated.note:
        say(late.stated.note)
    checked()
    say(opening.extraction(late.stated, chosen, computing.device, computing.threads))
    began = time.monotonic()
    pictures = once.pictures(corpus, lambda: _hashed(corpus, terms, need))
    done = find(terms.work / FEATURES, made, pictures)
    if reads and not done and (done := find_wider(terms.work / FEATURES, made, pictures, reads)):
        say(f"{done.path} has {chosen.layer} among others: it is taken")
    if done:
        _say_begun(len(pictures), done.path, len(pictures))
        once.made_by_former(done.path, read_manifest(done.path), makes=True)
    else:
        done = _extracted(corpus, late, chosen, pictures, terms, computing.device)
    late.keep()
    once.let_go(chosen, [_chosen(each) for each in more])
    once.compared(corpus, done.path, whole=done.reused == len(pictures))
    listed("picture", "could not be read", [f"{name}: {why}" for name, why in done.failures])
    _say_done(done, time.monotonic() - began)
    what = f"pictures could not be read (listed in {done.path / 'cache.json'})"
    lost = {name for name, _ in done.failures}
    return done.path, too_many_lost(corpus, lost, terms.max_errors, what, need=need)


def features_of_each(
    data: CorpusAt,
    settings: Sequence[FeatureSettings | Like],
    *,
    terms: Terms,
    once: Once,
    need: Sequence[str] = (),
    into: Path | None = None,
    checked: Callable[[], None] = lambda: None,
    reads: Reads | None = None,
) -> tuple[list[Path], TencropError | None]:
    """The directories of the caches that ``settings`` make, in their order; else as ``features``.

    What any of them would be refused for is found before the first one's pictures are read; then
    ``checked`` is called. Where stages that ``need`` splits follow, none is begun after one of
    which too much was left out.
    """

    def all_checked() -> None:
        for each in settings[1:]:
            _ready(each, once.corpus(data.path, data.data_format), into, once)
        checked()

    share: dict[str, Any] = {"terms": terms, "once": once, "need": need, "into": into}
    share["reads"] = reads
    made: list[Path] = []
    problem: TencropError | None = None
    for number, each in enumerate(settings, start=1):
        begin = (lambda: None) if made else all_checked
        cache, other = features(data, each, **share, checked=begin, more=settings[number:])
        made, problem = [*made, cache], problem or other
        if problem and need:
            break
    return made, problem


def _chosen(settings: FeatureSettings | Like) -> FeatureSettings:
    return (settings.settings if isinstance(settings, Like) else settings).canonical()


def _ready(
    settings: FeatureSettings | Like, corpus: Corpus, into: Path | None, once: Once
) -> tuple[Late, dict[str, Any]]:
    """The backbone, and all that makes the features but the pictures.

    Raises:
        TencropError: no such features can be made, they are not those of the run that is meant, or
            ``into`` is a run of others.
    """
    chosen = _chosen(settings)
    late = once.late(chosen)
    made = made_by(late.stated, chosen)
    if isinstance(settings, Like):
        what = f"features like those of {settings.run}"
        refuse_other_facts(what, settings.made_by, made, WAY_OUT)
    if into is not None:
        require_fitting_run(into, corpus, made)
    return late, made


def _hashed(corpus: Corpus, terms: Terms, need: Sequence[str]) -> list[Picture]:
    """Every picture with its digest; those that are not there are listed before it is refused."""
    gone: list[str] = []
    try:
        with bar("pictures", len(corpus.images), "picture") as progress:
            refuse = partial(_refuse_missing, corpus, gone, terms.max_errors, need)
            return digested(corpus, refuse, progress)
    except TooManyFailures:
        listed("picture", "could not be found", gone, left_out(terms.work, corpus.name, "pictures"))
        raise


def _extracted(
    corpus: Corpus,
    late: Late,
    settings: FeatureSettings,
    pictures: list[Picture],
    terms: Terms,
    device: str,
) -> Extraction:
    """What is not there yet is computed; nothing is known that the network itself does not say."""
    from extract.run import extract
    from pipeline.device import resolve

    with bar("features", len(pictures), "picture") as progress:
        return extract(
            corpus,
            late.backbone,
            terms.work / FEATURES,
            settings,
            device=resolve(device),
            pictures=pictures,
            progress=progress,
            begun=partial(_say_begun, len(pictures)),
            say=say,
        )


def _say_begun(pictures: int, cache: Path, there: int) -> None:
    say(opening.cached(cache, there, pictures))


def _say_done(done: Extraction, seconds: float) -> None:
    if new := done.pictures - done.reused:
        say(f"{counted(new, 'picture')} computed in {lasting(seconds)}")


def _refuse_missing(
    corpus: Corpus,
    gone: list[str],
    max_errors: float,
    need: Sequence[str],
    names: Sequence[str],
    total: int,
) -> None:
    """More missing pictures than that end stage one: once they are there, the cache is another."""
    del total
    gone.extend(names)
    lost = {name.rpartition(": ")[0] for name in names}
    require(too_many_lost(corpus, lost, max_errors, NOT_THERE, need=need, way=MEND))
