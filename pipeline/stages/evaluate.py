"""Stage three: a run and a split, of its own corpus or of another, to a report."""

from collections.abc import Sequence
from pathlib import Path

from core.files import plain_name, write_json
from core.records import Corpus
from core.store import FeatureCache
from evaluate.judge import judge
from pipeline.corpus import read, require_pictures
from pipeline.device import resolve
from pipeline.overlap import Overlap
from pipeline.progress import say
from pipeline.reach import reach
from pipeline.sources import open_sources
from train.seen import captions_by_split
from train.trained import Trained, load


def evaluate(
    run: Path,
    *,
    split: str,
    data: Path | None,
    data_format: str,
    cache: Path | None,
    max_errors: float,
    device: str,
    work: Path,
    protocol: str | None = None,
    measures: Sequence[str] = (),
) -> str:
    """The table; the report and what was predicted are written into the run.

    ``protocol`` takes the place of the prediction's own; ``measures`` that of the protocol's usual.
    """
    chosen = resolve(device)
    trained = load(run, chosen)
    if not trained.record.done:
        done, best = trained.record.epoch, trained.record.best_epoch
        say(
            f"{run} is not finished: epoch {best} is the best of {done}, of "
            f"{trained.recipe.epochs} in all"
        )
    given = trained.config["given"]
    place = data or Path(given["data"])
    shape = data_format if data else given["data_format"]
    corpus = read(place, shape)
    part = corpus.split(split)
    features = cache and FeatureCache(cache)
    features = features or reach(trained, part, place, shape, device, work, max_errors)
    sources = open_sources(trained.recipe, features)
    require_pictures(part, features, max_errors, sample=len(part.images))
    overlap = Overlap.of(trained.seen, corpus, part, split, sources)
    for note in overlap.notes():
        say(note)
    prediction = trained.predict(part, sources)
    options = {"measures": list(measures)} if measures else {}
    report = judge(prediction, options, protocol=protocol, device=chosen)
    folder = run / _folder(trained, corpus, place, split, protocol)
    prediction.save(folder)
    how_far = {"epoch": trained.record.best_epoch, "finished": trained.record.done}
    facts = {"split": split, **report.facts, **overlap.counts(), **how_far}
    write_json(folder / "report.json", facts)
    say(f"written: {folder / 'report.json'} and what was predicted")
    return report.table(split)


def _folder(trained: Trained, corpus: Corpus, place: Path, split: str, protocol: str | None) -> str:
    """``eval-SPLIT`` for the run's corpus and protocol; what is another stands behind it."""
    parts = ["eval", split]
    if protocol:
        parts.append(protocol)
    if place.resolve() != Path(trained.config["given"]["data"]):
        parts += [corpus.name, captions_by_split(corpus)[split][:8]]
    return plain_name("-".join(parts))
