"""Stage two: a cache, a corpus and a recipe to a run."""

from collections.abc import Sequence
from pathlib import Path

from core.embeddings import Embeddings
from core.files import json_sha256
from core.records import Corpus
from core.store import FeatureCache
from evaluate.report import report
from pipeline import recipes
from pipeline.corpus import read, require_pictures
from pipeline.device import resolve
from pipeline.progress import TrainingBar, say
from train import run as training
from train.config import corpus_sha256
from train.settings import TrainSettings
from train.settings import resolve as resolve_settings


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
    """The run's directory; a finished run is found and an interrupted one goes on."""
    settings = resolve_settings(recipes.read(recipe), assignments)
    cache = FeatureCache(cache_path)
    corpus = read(data, data_format)
    require_pictures(corpus, cache, max_errors)
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
            run or work / "runs" / _name(corpus, cache, settings, Path(recipe).stem, seed),
            seed=seed,
            device=resolve(device),
            validate=validate,
            progress=drawn,
            facts={
                "data": str(data.resolve()),
                "data_format": data_format,
                "cache": str(cache_path.resolve()),
                "cache_fields": cache.manifest["fields"],
                "recipe": recipe,
            },
        )
    finally:
        drawn.close()
    if outcome.cut:
        say(f"{outcome.cut} captions were cut to {settings.max_tokens} words")
    say(
        f"best of {outcome.epochs} epochs: epoch {outcome.best_epoch}, "
        f"validation rsum {outcome.best['rsum']:.1f}"
    )
    return outcome.run


def validation_scores(embeddings: Embeddings) -> dict[str, float]:
    """What training is told of its validation split: ``rsum`` and the recalls, by flat names."""
    result = report(embeddings, "val")
    recalls = {
        f"{way}_r{k}": float(result[way][f"r{k}"]) for way in ("i2t", "t2i") for k in (1, 5, 10)
    }
    return {"rsum": float(result["rsum"]), **recalls}


def _name(
    corpus: Corpus, cache: FeatureCache, settings: TrainSettings, recipe: str, seed: int
) -> str:
    """Readable, and unique by a digest of everything that the run's weights follow from."""
    facts = settings.model_dump(mode="json", exclude={"about"})
    key = json_sha256([facts, seed, cache.key, corpus_sha256(corpus)])
    return f"{cache.path.name.rpartition('-')[0]}-{recipe}-seed{seed}-{key[:8]}"
