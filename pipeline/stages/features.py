"""Stage one: a corpus and a backbone to a cache."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.errors import TencropError, TooManyFailures
from core.sources import refuse_other_facts
from core.store.manifest import read_manifest
from extract.catalogue import build
from extract.run import extract, made_by
from extract.settings import FeatureSettings
from pipeline.ahead import require_fitting_run, require_splits
from pipeline.corpus import read
from pipeline.device import resolve
from pipeline.failures import listed, require, too_many
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
) -> tuple[Path, TencropError | None]:
    """The cache's directory, and what to raise once its name is printed.

    With ``like``, a run, the settings that make numbers are the run's. Unreadable pictures are
    listed; more than ``max_errors`` percent of them make the error. Nothing is computed where more
    than that are not there at all, no picture with a caption is in a split of ``need``, or ``into``
    is a run of other features, pictures or captions.

    Raises:
        TooManyFailures: too many pictures are not there.
    """
    chosen, then = settings_like(like, settings) if like else (settings, None)
    chosen = chosen.canonical()
    corpus = read(path, data_format)
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
    gone: list[str] = []
    try:
        with bar("features", len(corpus.images), "picture") as progress:
            done = extract(
                corpus,
                network,
                work / "features",
                chosen,
                device=resolve(device),
                progress=progress,
                missing=partial(_refuse_missing, gone, max_errors),
                say=say,
            )
    except TooManyFailures:
        listed("picture", "could not be found", gone)
        raise
    listed("picture", "could not be read", [f"{name}: {why}" for name, why in done.failures])
    what = f"pictures could not be read (listed in {done.path / 'cache.json'})"
    return done.path, too_many(len(done.failures), len(corpus.images), max_errors, what)


def _refuse_missing(gone: list[str], max_errors: float, names: Sequence[str], total: int) -> None:
    """More missing pictures than that end stage one: once they are there, the cache is another."""
    gone.extend(names)
    require(too_many(len(names), total, max_errors, NOT_THERE, MEND))
