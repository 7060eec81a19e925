"""The features of pictures for a run: those that it has, or made as its own were."""

from pathlib import Path

from core.errors import CacheError
from core.provenance import check_same_pictures
from core.records import Corpus
from core.sources import refuse_other_encoder
from core.store import FeatureCache
from extract.settings import FeatureSettings
from pipeline.asked.sources import open_sources
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import cache_of
from pipeline.said.progress import say
from pipeline.stages.features import features
from pipeline.stages.terms import CorpusAt, Terms
from train.opened import Opened


def reach(
    opened: Opened,
    part: Corpus,
    data: CorpusAt,
    given: Path | None,
    terms: Terms,
    once: Once,
) -> FeatureCache:
    """A cache that holds the pictures of ``part``, from the encoder that the run was trained on.

    The cache ``given`` is taken as it is. Without one, the run's own serves where it holds them;
    else the corpus ``data`` is extracted with the run's own settings of stage one, once. The
    files of all pictures have been compared with the cache's, each once.

    Raises:
        CacheError: the cache is damaged, made from other pictures, or another encoder's by now.
        RunError, SettingError, InputError: stage one cannot be repeated.
    """
    if given:
        cache = once.cache(given)
        check_same_pictures(part, cache, sample=once.sample(part, cache, len(part.images)))
        return cache
    own, was = cache_of(opened.run, opened.config["given"], terms.work)
    if own:
        cache = once.cache(own)
        for name, source in open_sources(opened.outline, cache).items():
            refuse_other_encoder(name, opened.config["sources"][name]["made_by"], source)
        if _holds(cache, part, once):
            return cache
    why = "does not hold these pictures" if own else "is gone (--cache, if it moved)"
    say(f"{own or was} {why}: extracting {data} as the run's own were")
    path, problem = features(
        data,
        FeatureSettings.model_validate({}),
        terms=terms,
        like=opened.run,
        once=once,
    )
    if problem:
        raise problem
    return once.cache(path)


def _holds(cache: FeatureCache, part: Corpus, once: Once) -> bool:
    try:
        check_same_pictures(part, cache, sample=once.sample(part, cache, len(part.images)))
    except CacheError:
        return False
    return True
