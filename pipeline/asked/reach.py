"""The features of pictures for a run: those that it has, or made as its own were."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import CacheError, RunError
from core.records import Corpus
from core.sources import (
    IMPORTED,
    CacheLayer,
    Source,
    Views,
    each_view,
    of_layers,
    refuse_other_encoder,
)
from core.store import FeatureCache
from extract.settings import FeatureSettings
from pipeline.asked.captions_like import CaptionsLike, captions_like
from pipeline.asked.like import NOT_MADE_HERE, likes
from pipeline.corpus import holds_captions, require_same
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import cache_of, given_caches
from pipeline.said.progress import say
from pipeline.stages.features import features_of_each
from pipeline.stages.imported import all_imported
from pipeline.stages.terms import CorpusAt, Terms
from train.opened import Opened
from train.origins import origins, tunes


class Reached:
    """The layers that a run reads, from the caches that were found for it so far."""

    def __init__(self, opened: Opened):
        """``opened`` says which layers; nothing is found yet."""
        self._run, self._origins = opened.run, origins(opened.run, opened.config)
        self._wanted = {
            view["encoder"]: (name, view["made_by"])
            for name, origin in self._origins.items()
            for view in each_view(origin)
        }
        self._found: dict[str, CacheLayer] = {}

    @property
    def caches(self) -> list[FeatureCache]:
        """The caches of which something is read, by their keys."""
        each = {layer.cache.key: layer.cache for layer in self._found.values()}
        return [each[key] for key in sorted(each)]

    @property
    def lacking(self) -> list[Mapping[str, Any]]:
        """What made each layer that is not found yet."""
        return [made for encoder, (_, made) in self._wanted.items() if encoder not in self._found]

    @property
    def captions(self) -> list[CaptionsLike]:
        """What encodes the captions of each layer of them that is not found yet."""
        every = [view for origin in self._origins.values() for view in each_view(origin)]
        lacking = [view for view in every if view["encoder"] not in self._found]
        return captions_like(self._run, lacking)

    def new(self, cache: FeatureCache) -> dict[str, CacheLayer]:
        """By encoder what ``cache`` has that the run reads, and that is not found yet.

        Raises:
            CacheError: the run reads nothing of it; both sides of the most alike are named.
        """
        every = [CacheLayer(cache, layer) for layer in cache.layers]
        read = {layer.encoder: layer for layer in every if layer.encoder in self._wanted}
        for layer in every if not read else ():
            refuse_other_encoder(*self._most_alike(layer), layer)
        return {e: layer for e, layer in read.items() if e not in self._found}

    def take(self, new: Mapping[str, CacheLayer]) -> None:
        """These are found."""
        self._found.update(new)

    def sources(self) -> dict[str, Source]:
        """What the run reads, by its names; all is found."""
        each = {
            name: [self._found[view["encoder"]] for view in each_view(origin)]
            for name, origin in self._origins.items()
        }
        return {n: layers[0] if len(layers) == 1 else Views(layers) for n, layers in each.items()}

    def _most_alike(self, layer: CacheLayer) -> tuple[str, Mapping[str, Any]]:
        def alike(wanted: tuple[str, Mapping[str, Any]]) -> int:
            return sum(layer.made_by.get(key) == told for key, told in wanted[1].items())

        return max(self._wanted.values(), key=alike)


def reach(
    opened: Opened,
    part: Corpus,
    data: CorpusAt,
    given: Sequence[Path],
    terms: Terms,
    once: Once,
) -> Reached:
    """Caches that hold the pictures of ``part``, from the encoders that the run was trained on.

    The caches ``given`` are taken as they are. Of what they do not hold, the run's own serve where
    they are there and hold these pictures; for the rest the corpus ``data`` is extracted with the
    run's own settings of stage one, once, and its captions are encoded as the run's own were. The
    files of all pictures have been compared with the caches', each once.

    Raises:
        CacheError: a cache is damaged, made from other pictures, or another encoder's.
        RunError, SettingError, InputError: stage one cannot be repeated.
    """
    reached = Reached(opened)
    for path in given:
        cache = once.cache(path)
        _require_same(cache, reached, part, once)
        new = reached.new(cache)
        if not new:
            raise CacheError(f"{path} holds nothing but what another --cache does; leave it out")
        reached.take(new)
    why = list(_own(opened, reached, part, terms, once)) if reached.lacking else []
    if reached.lacking:
        _make(opened.run, reached, part, data, terms, once, why=why)
    require_same(part, reached.caches, sample=0)
    return reached


def _own(opened: Opened, reached: Reached, part: Corpus, terms: Terms, once: Once) -> Iterator[str]:
    """Take what the run's own caches hold; why each of the others does not serve."""
    if tunes(opened.config):
        yield f"{opened.run} tuned its CNN"
        return
    for noted in given_caches(opened.config["given"]):
        own, was = cache_of(opened.run, noted, terms.work)
        if own is None:
            yield f"{was} is gone (--cache, if it moved)"
            continue
        cache = once.cache(own)
        if not (new := reached.new(cache)):
            continue
        try:
            _require_same(cache, reached, part, once)
            reached.take(new)
        except CacheError:
            yield f"{own} does not hold these pictures"


def _make(
    run: Path,
    reached: Reached,
    part: Corpus,
    data: CorpusAt,
    terms: Terms,
    once: Once,
    *,
    why: Sequence[str],
) -> None:
    """Import vectors that are there already, or extract what is lacking."""
    if part.stored:
        names = {str(made.get("encoder", "")) for made in reached.lacking}
        if names - {"", IMPORTED}:  # that the same extractor made these is not ours to say
            raise RunError(f"{run} was trained on imported vectors, {NOT_MADE_HERE}")
        say(f"{'; '.join(why)}: importing {data}")
        for cache in map(once.cache, all_imported(data, terms=terms, once=once)):
            reached.take(reached.new(cache))
    else:
        _extract(run, reached, data, terms, once, why=why)


def _extract(
    run: Path,
    reached: Reached,
    data: CorpusAt,
    terms: Terms,
    once: Once,
    *,
    why: Sequence[str],
) -> None:
    """Make again each cache of which something is lacking."""
    lacking = [
        like
        for like in likes(run, FeatureSettings())
        if any(of_layers(like.made_by, m.get("layers", ())) == m for m in reached.lacking)
    ]
    say(f"{'; '.join(why)}: extracting {data} as the run's own were")
    if lacking:
        made, problem = features_of_each(data, lacking, terms=terms, once=once, reads=tuple)
        if problem:
            raise problem
        for path in made:
            reached.take(reached.new(once.cache(path)))
    for each in reached.captions:
        reached.take(reached.new(once.cache(each.made(data, terms, once))))
    if reached.lacking:
        raise RunError(
            f"{run} reads more than feature caches; bring its values as they came then, in Python, "
            "with train.trained.load"
        )


def _require_same(cache: FeatureCache, reached: Reached, part: Corpus, once: Once) -> None:
    """Refuse a cache of other pictures: the first by the files, others by the first."""
    first = [each for each in reached.caches if not holds_captions(each)][:1]
    sample = 0 if first else once.sample(part, cache, len(part.images))
    require_same(part, [*first, cache], sample=sample)
