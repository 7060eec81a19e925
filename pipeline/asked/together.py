"""Several runs that are asked one thing: what they must share, and what one report says of all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import CacheError, RunError
from core.ids import ALONE
from core.sources import CacheLayer, each_view
from core.store import FeatureCache
from pipeline.asked.posed import Posed
from train.opened import Opened
from train.seen import VAL

SHARED = ("split", "asked", "corpus", "device", "torch", "version", "commit", "code")
"""What is one for all runs; of every other field a report has a list, in the order of the runs."""


def facts_of(each: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts of several runs as those of one report."""
    keys = dict.fromkeys(key for facts in each for key in facts)
    return {
        key: each[0][key] if key in SHARED else [facts.get(key) for facts in each] for key in keys
    }


def require_different(opened: Sequence[Opened]) -> None:
    """Refuse a run twice, also where one is a copy elsewhere.

    Raises:
        RunError: two are one.
    """
    seen: dict[str, Path] = {}
    for each in opened:
        model = each.record.model_sha256
        if model in seen:
            same = seen[model].resolve() == each.run.resolve()
            what = f"{each.run} is" if same else f"{each.run} and {seen[model]} are one model,"
            raise RunError(f"{what} given twice; give it once")
        seen[model] = each.run


def require_one_training(opened: Sequence[Opened]) -> None:
    """Refuse runs of different corpora, as far as it is known what they were trained on.

    Raises:
        RunError: two were trained or chosen on other pictures or captions.
    """
    known = [each for each in opened if each.seen.known]
    for first, other in zip(known[:1] * len(known), known, strict=True):
        sides = first.seen, other.seen
        splits = sorted({VAL}.union(*(seen.splits for seen in sides)))
        differ = [s for s in splits if sides[0].captions.get(s) != sides[1].captions.get(s)]
        if differ:
            raise RunError(
                f"{first.run} and {other.run} were trained on different corpora (other ids or "
                f"captions in {' and '.join(map(repr, differ))}); {ALONE}, or train both on one"
            )


def require_one_question(posed: Sequence[Posed]) -> None:
    """Refuse runs that are asked about other pictures or captions.

    Raises:
        RunError: two are; a picture that only one can be asked about is named.
    """
    first = posed[0]
    for other in posed[1:]:
        runs = f"{first.opened.run} and {other.opened.run}"
        if first.facts["corpus"]["sha256"] != other.facts["corpus"]["sha256"]:
            raise RunError(
                f"{runs} are asked about other pictures or captions; name one corpus with --data, "
                f"or {ALONE}"
            )
        sides = ({image.id for image in each.judged.images} for each in (first, other))
        if lacking := sorted(set.symmetric_difference(*sides)):
            raise RunError(
                f"{runs} are asked about other pictures: only one has features of {lacking[0]!r}; "
                f"{ALONE}, or make the features of both from the same files"
            )


def caches_of(opened: Opened, caches: Sequence[FeatureCache]) -> list[FeatureCache]:
    """Those of ``caches`` of which the run reads something."""
    origins = opened.config["sources"].values()
    wanted = {view["encoder"] for origin in origins for view in each_view(origin)}
    return [
        cache
        for cache in caches
        if any(CacheLayer(cache, layer).encoder in wanted for layer in cache.layers)
    ]


def refuse_idle(opened: Sequence[Opened], caches: Sequence[FeatureCache]) -> None:
    """Refuse a cache of which no run reads anything.

    Raises:
        CacheError: there is one.
    """
    for cache in caches:
        if not any(caches_of(each, [cache]) for each in opened):
            runs = " or ".join(str(each.run) for each in opened)
            raise CacheError(f"{cache.path} holds nothing that {runs} reads; leave it out")
