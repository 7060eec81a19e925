"""The wiring: each stage gets what it needs from the others as files, arrays and functions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.corpora import read_corpus
from core.embeddings import Embeddings
from core.errors import CacheError, TencropError
from core.files import json_sha256, write_json
from core.records import Corpus
from core.store import FeatureCache
from evaluate.report import report, table
from extract.backbones import build
from extract.run import extract
from pipeline import recipes
from pipeline.device import resolve
from pipeline.failures import listed, require, too_many
from pipeline.progress import TrainingBar, bar, say
from train import run as training
from train.config import corpus_sha256
from train.provenance import check_same_pictures
from train.settings import TrainSettings
from train.settings import resolve as resolve_settings


def features(
    path: Path,
    data_format: str,
    *,
    backbone: str,
    weights: str,
    layer: str,
    crops: int,
    keep: str,
    dtype: str,
    shard_size: int,
    batch_size: int | None,
    max_errors: float,
    device: str,
    work: Path,
) -> tuple[Path, TencropError | None]:
    """Stage one: the cache's directory, and what to raise once its name is printed.

    Unreadable pictures are listed; more than ``max_errors`` percent of them make the error.
    """
    corpus = _read(path, data_format)
    network = build(backbone, weights)
    with bar("features", len(corpus.images), "picture") as progress:
        done = extract(
            corpus,
            network,
            work / "features",
            layer=layer,
            crops=crops,
            keep=keep,
            dtype=dtype,
            shard_size=shard_size,
            device=resolve(device),
            batch_size=batch_size,
            progress=progress,
        )
    listed("pictures could not be read", [f"{name}: {why}" for name, why in done.failures])
    what = f"pictures could not be read (listed in {done.path / 'cache.json'})"
    return done.path, too_many(len(done.failures), len(corpus.images), max_errors, what)


def train(
    cache_path: Path,
    data: Path,
    data_format: str,
    *,
    recipe: str,
    assignments: Sequence[str],
    run: Path | None,
    seed: int,
    max_errors: float,
    device: str,
    work: Path,
) -> Path:
    """Stage two: the run's directory; a finished run is found and an interrupted one goes on."""
    settings = resolve_settings(recipes.read(recipe), assignments)
    cache = FeatureCache(cache_path)
    corpus = _read(data, data_format)
    _require_pictures(corpus, cache, max_errors)
    if run is None:
        run = work / "runs" / _run_name(corpus, cache, settings, Path(recipe).stem, seed)
    facts = {
        "data": str(data.resolve()),
        "data_format": data_format,
        "cache": str(cache_path.resolve()),
        "cache_fields": cache.manifest["fields"],
        "recipe": recipe,
    }
    drawn = TrainingBar(settings.epochs)

    def validate(embeddings: Embeddings) -> dict[str, float]:
        scores = validation_scores(embeddings)
        drawn.validated(scores)
        return scores

    try:
        outcome = training.train(
            corpus,
            cache,
            settings,
            run,
            seed=seed,
            device=resolve(device),
            validate=validate,
            progress=drawn,
            facts=facts,
        )
    finally:
        drawn.close()
    if outcome.cut:
        say(f"{outcome.cut} captions were cut to {settings.max_tokens} tokens")
    say(
        f"best of {outcome.epochs} epochs: epoch {outcome.best_epoch}, "
        f"validation rsum {outcome.best['rsum']:.1f}"
    )
    return outcome.run


def evaluate(
    run: Path,
    *,
    split: str,
    data: Path | None,
    cache: Path | None,
    max_errors: float,
    device: str,
) -> str:
    """Stage three: the table; the report and the embeddings are written into the run."""
    chosen = resolve(device)
    trained = training.load(run, chosen)
    facts = trained.config["facts"]
    features_of_run = FeatureCache(cache or Path(facts["cache"]))
    _require_same_key(run, trained.config, features_of_run)
    corpus = _read(data or Path(facts["data"]), "auto" if data else facts["data_format"])
    part = corpus.split(split)
    _require_pictures(part, features_of_run, max_errors)
    embeddings = trained.embed(part, features_of_run)
    result = report(embeddings, split, chosen)
    folder = run / f"eval-{split}"
    embeddings.save(folder / "embeddings.npz")
    write_json(folder / "report.json", result)
    say(f"written: {folder / 'report.json'} and embeddings.npz")
    return table(result)


def validation_scores(embeddings: Embeddings) -> dict[str, float]:
    """What training is told of its validation split: ``rsum`` and the recalls, by flat names."""
    result = report(embeddings, "val")
    recalls = {
        f"{way}_r{k}": float(result[way][f"r{k}"]) for way in ("i2t", "t2i") for k in (1, 5, 10)
    }
    return {"rsum": float(result["rsum"]), **recalls}


def _read(path: Path, data_format: str) -> Corpus:
    corpus = read_corpus(path, data_format)
    for note in corpus.notes:
        say(f"{corpus.name}: {note}")
    return corpus


def _run_name(
    corpus: Corpus, cache: FeatureCache, settings: TrainSettings, recipe: str, seed: int
) -> str:
    """Readable, and unique by a digest of everything that the run's weights follow from."""
    facts = settings.model_dump(mode="json", exclude={"about"})
    key = json_sha256([facts, seed, cache.key, corpus_sha256(corpus)])
    return f"{cache.path.name.rpartition('-')[0]}-{recipe}-seed{seed}-{key[:8]}"


def _require_pictures(corpus: Corpus, cache: FeatureCache, max_errors: float) -> None:
    """List the captions whose picture could not be read; above ``max_errors`` percent, stop."""
    check_same_pictures(corpus, cache)
    missing = cache.rows(image.id for image in corpus.images) < 0
    orphans = [
        f"{caption.id}: {corpus.images[owner].id} has no features"
        for caption, owner in zip(corpus.captions, corpus.owner, strict=True)
        if missing[owner]
    ]
    listed("captions are left out", orphans)
    what = "captions are of pictures without features"
    require(too_many(len(orphans), len(corpus.captions), max_errors, what))


def _require_same_key(run: Path, config: Mapping[str, Any], cache: FeatureCache) -> None:
    if cache.key == config["cache_key"]:
        return
    then, now = config["facts"]["cache_fields"], cache.manifest["fields"]
    differing = [
        f"{name} {then.get(name)!r} (there: {now.get(name)!r})"
        for name in sorted(then | now)
        if then.get(name) != now.get(name)
    ]
    raise CacheError(
        f"{run} was trained on another cache than {cache.path}: {', '.join(differing)}; "
        "evaluate with the cache of the run, or train on this one"
    )
