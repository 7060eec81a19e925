"""What the vectors of a collection follow from, and whether that has changed since."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import CacheError
from core.files import json_sha256, plain_name
from core.provenance import SAMPLE, check_same_pictures
from core.records import Corpus
from core.store import FeatureCache
from core.store.manifest import read_manifest
from pipeline.corpus import holds_captions
from pipeline.memory.whereabouts import cache_of, noted
from pipeline.said.progress import say
from train.opened import Opened
from train.seen import captions_by_split

OWN = "own"
"""The name of a run's own corpus among its collections."""


def name_of(opened: Opened, corpus: Corpus, *, own: bool) -> str:
    """The name of a collection: ``OWN``, or of other pictures the corpus's with their digest.

    The run's own corpus is its own from wherever it is read. Of another one the ids of the pictures
    decide, so that edited captions are the same collection.
    """
    if own or opened.seen.captions == captions_by_split(corpus):
        return OWN
    digest = json_sha256([image.id for image in corpus.images])
    return plain_name(f"{corpus.name[:100]}-{digest[:8]}")


def facts_of(opened: Opened, corpus: Corpus, caches: Sequence[FeatureCache]) -> dict[str, Any]:
    """JSON values: of which model, of which pictures and captions, from which caches."""
    return {
        **_of_run(opened),
        "corpus": {"name": corpus.name, "sha256": _digest(corpus)},
        "caches": [
            {
                **noted(opened.run, {"cache": cache.path}),
                "cache_key": cache.key,
                "shards": _shards(cache.manifest),
            }
            for cache in caches
        ],
    }


def changed(
    told: Mapping[str, Any], opened: Opened, corpus: Corpus, given: Sequence[Path], work: Path
) -> str:
    """Why vectors of which ``told`` says what they follow from do not serve; empty where they do.

    A cache that is gone changes nothing: the vectors were made of it, and that is said. Of the
    pictures a sample of files is compared with those that the cache was made from.

    Args:
        told: what ``facts_of`` gave.
        opened: the run.
        corpus: as it is by now.
        given: the caches that were named.
        work: the work folder.
    """
    now = _of_run(opened)
    if {key: told.get(key) for key in now} != now:
        return "the model of the run is another by now"
    if told["corpus"]["sha256"] != _digest(corpus):
        return f"the pictures, labels or captions of {corpus.name} have changed"
    keys = {each["cache_key"] for each in told["caches"]}
    if given and not {str(read_manifest(path)["key"]) for path in given} <= keys:
        return "another cache is named"
    reasons = (_of_cache(opened.run, each, corpus, work) for each in told["caches"])
    return next(filter(None, reasons), "")


def _of_run(opened: Opened) -> dict[str, Any]:
    record = opened.record
    return {"model": record.model_sha256, "epoch": record.best_epoch, "gallery": record.gallery}


def _of_cache(run: Path, then: Mapping[str, Any], corpus: Corpus, work: Path) -> str:
    path, was = cache_of(run, then, work)
    if path is None:
        say(f"the cache {was} is gone; the vectors that were made of it are used")
        return ""
    if _shards(read_manifest(path)) != then["shards"]:
        return f"the cache {path} has changed"
    cache = FeatureCache(path, check=False)
    try:
        if not holds_captions(cache):
            check_same_pictures(corpus, cache, sample=SAMPLE)
    except CacheError:
        return f"the pictures of {corpus.name} are not those of the cache {path}"
    return ""


def _digest(corpus: Corpus) -> str:
    return json_sha256(captions_by_split(corpus))


def _shards(manifest: Mapping[str, Any]) -> str:
    return json_sha256([shard["sha256"] for shard in manifest["shards"]])
