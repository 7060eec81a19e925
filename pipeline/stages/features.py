"""Stage one: a corpus and a backbone to a cache."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from core.errors import TencropError, TooManyFailures
from core.records import Corpus
from core.sources import refuse_other_facts
from core.store.manifest import read_manifest
from core.wording import counted, lasting
from extract.catalogue import build
from extract.run import Extraction, extract, made_by
from extract.settings import FeatureSettings
from pipeline import opening
from pipeline.ahead import require_fitting_run, require_splits
from pipeline.corpus import read
from pipeline.device import resolve
from pipeline.failures import left_out, listed, require, too_many
from pipeline.journal import journaled
from pipeline.like import like as settings_like
from pipeline.progress import bar, say

WAY_OUT = "give the run's own weights with --weights PATH, and its versions of the libraries"
NOT_THERE = "pictures are not there"
MEND = "nothing was computed: mend the folder or the captions and run again"


@journaled("features", lambda done: (done[0], int(read_manifest(done[0])["rows"])))
def features(
    path: Path,
    data_format: str,
    settings: FeatureSettings,
    *,
    like: Path | None,
    max_errors: float,
    device: str,
    work: Path,
    need: Sequence[str] = (),
    into: Path | None = None,
    checked: Callable[[], None] = lambda: None,
    finished: Callable[[Path, Corpus], None] = lambda cache, corpus: None,
) -> tuple[Path, TencropError | None]:
    """The cache's directory, and what to raise once its name is printed.

    With ``like``, a run, the settings that make numbers are the run's. Unreadable pictures are
    listed; more than ``max_errors`` percent of them make the error. Nothing is computed where more
    than that are not there at all, no picture with a caption is in a split of ``need``, or ``into``
    is a run of other features, pictures or captions. ``checked`` is called before it is begun,
    ``finished`` when all is done, and no more left out than may be.

    Raises:
        TooManyFailures: too many pictures are not there.
    """
    chosen, then = settings_like(like, settings) if like else (settings, None)
    chosen = chosen.canonical()
    corpus = read(path, data_format)
    say(opening.found(corpus))
    require_splits(corpus, need)
    network = build(chosen.backbone, chosen.weights, chosen.transform)
    if network.note:
        say(network.note)
    if then is not None:
        refuse_other_facts(
            f"features like those of {like}", then, made_by(network, chosen), WAY_OUT
        )
    if into is not None:
        require_fitting_run(into, corpus, made_by(network, chosen))
    computing = resolve(device)
    checked()
    say(opening.extraction(network, chosen, str(computing), torch.get_num_threads()))
    gone: list[str] = []
    began = time.monotonic()
    try:
        with bar("features", len(corpus.images), "picture") as progress:
            done = extract(
                corpus,
                network,
                work / "features",
                chosen,
                device=computing,
                progress=progress,
                missing=partial(_refuse_missing, gone, max_errors),
                begun=partial(_say_begun, len(corpus.images)),
                say=say,
            )
    except TooManyFailures:
        listed("picture", "could not be found", gone, left_out(work, corpus.name, "pictures"))
        raise
    listed("picture", "could not be read", [f"{name}: {why}" for name, why in done.failures])
    _say_done(done, time.monotonic() - began)
    what = f"pictures could not be read (listed in {done.path / 'cache.json'})"
    problem = too_many(len(done.failures), len(corpus.images), max_errors, what)
    if problem is None:
        finished(done.path, corpus)
    return done.path, problem


def _say_begun(pictures: int, cache: Path, there: int) -> None:
    say(opening.cached(cache, there, pictures))


def _say_done(done: Extraction, seconds: float) -> None:
    if new := done.pictures - done.reused:
        say(f"{counted(new, 'picture')} computed in {lasting(seconds)}")


def _refuse_missing(gone: list[str], max_errors: float, names: Sequence[str], total: int) -> None:
    """More missing pictures than that end stage one: once they are there, the cache is another."""
    gone.extend(names)
    require(too_many(len(names), total, max_errors, NOT_THERE, MEND))
