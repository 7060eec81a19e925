"""The features of pictures for a run: those that it has, or made as its own were."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import CacheError
from core.records import Corpus
from core.sources import refuse_other_encoder
from core.store import FeatureCache
from extract.settings import FeatureSettings
from pipeline.asked.sources import open_sources
from pipeline.corpus import require_same
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import cache_of, given_caches
from pipeline.said.progress import say
from pipeline.stages.features import features
from pipeline.stages.terms import CorpusAt, Terms
from train.opened import Opened


def reach(
    opened: Opened,
    part: Corpus,
    data: CorpusAt,
    given: Sequence[Path],
    terms: Terms,
    once: Once,
) -> list[FeatureCache]:
    """Caches that hold the pictures of ``part``, from the encoders that the run was trained on.

    The caches ``given`` are taken as they are. Without one, the run's own serve where they hold
    them; else the corpus ``data`` is extracted with the run's own settings of stage one, once. The
    files of all pictures have been compared with the caches', each once.

    Raises:
        CacheError: a cache is damaged, made from other pictures, or another encoder's by now.
        RunError, SettingError, InputError: stage one cannot be repeated.
    """
    if given:
        caches = [once.cache(path) for path in given]
        _require_same(caches, part, once)
        return caches
    found = [cache_of(opened.run, own, terms.work) for own in given_caches(opened.config["given"])]
    there = [once.cache(own) for own, _ in found if own]
    lacking = next((was for own, was in found if not own), None)
    if not lacking:
        for name, source in open_sources(opened.outline, there).items():
            refuse_other_encoder(name, opened.config["sources"][name]["made_by"], source)
        if _holds(there, part, once):
            return there
    why = "is gone (--cache, if it moved)" if lacking else "does not hold these pictures"
    say(f"{lacking or found[0][0]} {why}: extracting {data} as the run's own were")
    path, problem = features(
        data,
        FeatureSettings.model_validate({}),
        terms=terms,
        like=opened.run,
        once=once,
    )
    if problem:
        raise problem
    return [once.cache(path)]


def _holds(caches: Sequence[FeatureCache], part: Corpus, once: Once) -> bool:
    try:
        _require_same(caches, part, once)
    except CacheError:
        return False
    return True


def _require_same(caches: Sequence[FeatureCache], part: Corpus, once: Once) -> None:
    sample = min(once.sample(part, cache, len(part.images)) for cache in caches)
    require_same(part, caches, sample=sample)
