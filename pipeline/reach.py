"""The features of pictures for a run: those that it has, or made as its own were."""

from pathlib import Path

from core.errors import CacheError
from core.provenance import check_same_pictures
from core.records import Corpus
from core.sources import refuse_other_encoder
from core.store import FeatureCache
from extract.settings import FeatureSettings
from pipeline.progress import say
from pipeline.sources import open_sources
from pipeline.whereabouts import cache_of
from train.trained import Trained


def reach(
    trained: Trained,
    part: Corpus,
    place: Path,
    data_format: str,
    given: Path | None,
    device: str,
    work: Path,
    max_errors: float,
) -> FeatureCache:
    """A cache that holds the pictures of ``part``, from the encoder that the run was trained on.

    The cache ``given`` is taken as it is. Without one, the run's own serves where it holds them;
    else the corpus at ``place`` is extracted with the run's own settings of stage one, once. The
    files of all pictures have been compared with the cache's, each once.

    Raises:
        CacheError: the cache is damaged, made from other pictures, or another encoder's by now.
        RunError, SettingError, InputError: stage one cannot be repeated.
    """
    if given:
        cache = FeatureCache(given)
        check_same_pictures(part, cache, sample=len(part.images))
        return cache
    own, was = cache_of(trained.run, trained.config["given"], work)
    if own:
        cache = FeatureCache(own)
        for name, source in open_sources(trained.recipe, cache).items():
            refuse_other_encoder(name, trained.config["sources"][name]["made_by"], source)
        if _holds(cache, part):
            return cache
    # Stage one brings torchvision along, which most evaluations do without.
    from pipeline.stages.features import features

    why = "does not hold these pictures" if own else "is gone (--cache, if it moved)"
    say(f"{own or was} {why}: extracting {place} as the run's own were")
    path, problem = features(
        place,
        data_format,
        FeatureSettings.model_validate({}),
        like=trained.run,
        max_errors=max_errors,
        device=device,
        work=work,
    )
    if problem:
        raise problem
    return FeatureCache(path)


def _holds(cache: FeatureCache, part: Corpus) -> bool:
    try:
        check_same_pictures(part, cache, sample=len(part.images))
    except CacheError:
        return False
    return True
