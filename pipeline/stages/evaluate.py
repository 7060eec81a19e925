"""Stage three: a run and a split, of its own corpus or of another, to a report."""

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
) -> str:
    """The table; the report and what was predicted are written into the run."""
    chosen = resolve(device)
    trained = load(run, chosen)
    given = trained.config["given"]
    place = data or Path(given["data"])
    shape = data_format if data else given["data_format"]
    corpus = read(place, shape)
    part = corpus.split(split)
    features = cache and FeatureCache(cache)
    features = features or reach(trained, part, place, shape, device, work, max_errors)
    sources = open_sources(trained.recipe, features)
    require_pictures(part, features, max_errors)
    overlap = Overlap.of(trained.seen, corpus, part, split, sources)
    for note in overlap.notes():
        say(note)
    prediction = trained.predict(part, sources)
    report = judge(prediction, device=chosen)
    folder = run / _folder(trained, corpus, place, split)
    prediction.save(folder)
    write_json(folder / "report.json", {"split": split, **report.facts, **overlap.counts()})
    say(f"written: {folder / 'report.json'} and what was predicted")
    return report.table(split)


def _folder(trained: Trained, corpus: Corpus, place: Path, split: str) -> str:
    """``eval-SPLIT`` for the corpus of the run; another one's name and digest behind it."""
    if place.resolve() == Path(trained.config["given"]["data"]):
        return f"eval-{split}"
    digest = captions_by_split(corpus)[split]
    return plain_name(f"eval-{split}-{corpus.name}-{digest[:8]}")
