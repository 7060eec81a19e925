"""Stage three: a run and a split to a report."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.files import write_json
from core.store import FeatureCache
from evaluate.report import report, table
from pipeline.corpus import read, require_pictures
from pipeline.device import resolve
from pipeline.progress import say
from train import run as training


def evaluate(
    run: Path,
    *,
    split: str,
    data: Path | None,
    cache: Path | None,
    max_errors: float,
    device: str,
) -> str:
    """The table; the report and the embeddings are written into the run."""
    chosen = resolve(device)
    trained = training.load(run, chosen)
    facts = trained.config["facts"]
    features = FeatureCache(cache or Path(facts["cache"]))
    _require_same_key(run, trained.config, features)
    corpus = read(data or Path(facts["data"]), "auto" if data else facts["data_format"])
    part = corpus.split(split)
    require_pictures(part, features, max_errors)
    embeddings = trained.embed(part, features)
    result = report(embeddings, split, chosen)
    folder = run / f"eval-{split}"
    embeddings.save(folder / "embeddings.npz")
    write_json(folder / "report.json", result)
    say(f"written: {folder / 'report.json'} and embeddings.npz")
    return table(result)


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
