"""Reading a corpus for a person, and holding it against a cache."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.corpora import read_corpus
from core.errors import CacheError
from core.files import json_sha256
from core.kept_words import KeptWords
from core.provenance import SAMPLE, check_one_corpus, check_same_pictures
from core.records import Corpus
from core.sources import TEXT, CacheLayer, of_captions, rows_of_captions
from core.store import FeatureCache
from core.wording import counted
from core.work_folder import KNOWN
from pipeline.refusals.failures import in_full, left_out, listed, require, too_many
from pipeline.said.progress import say
from pipeline.typed.by_make import asked_by_make

BY_HAND = "mend the pictures, run `features` again and go on with the cache that it prints"
BY_MAKE = "mend the pictures and run the same command again"


def read(path: Path, data_format: str, work: Path) -> Corpus:
    """The corpus; what its reader dropped is said, and listed in full in ``work``."""
    corpus = read_corpus(path, data_format)
    for note in corpus.notes:
        say(f"{corpus.name}: {note}")
    told = in_full(left_out(work, corpus.name, "unread"), corpus.left_out)
    if told:
        say(f"{corpus.name}: {counted(len(corpus.left_out), 'entry', 'entries')} left out{told}")
    if corpus.wordless:  # whose splitter refuses
        return corpus
    return replace(corpus, splitter=KeptWords(work / KNOWN, say))


def require_pictures(
    corpus: Corpus,
    caches: Sequence[FeatureCache],
    max_errors: float,
    *,
    sample: int = SAMPLE,
    work: Path | None = None,
) -> None:
    """List the captions whose picture some cache has no features for.

    So many files are compared with those that the first cache was made from, and all caches with
    one another. All captions are listed in ``work``'s ``left-out/``, where it is given.

    Raises:
        CacheError: a cache was made from other pictures.
        TooManyFailures: they are more than ``max_errors`` percent.
    """
    require_same(corpus, caches, sample=sample)
    caches = of_pictures(caches)
    ids = [image.id for image in corpus.images]
    lacks = np.array([cache.rows(ids) < 0 for cache in caches])
    orphans = [
        f"{caption.id}: {ids[owner]} has no features{_where(caches, lacks[:, owner])}"
        for caption, owner in zip(corpus.captions, corpus.owner, strict=True)
        if lacks[:, owner].any()
    ]
    splits = {image.split for image in corpus.images}
    part = [splits.pop()] if len(splits) == 1 else []
    kind = "-".join([*part, "captions", one_key([cache.manifest["key"] for cache in caches])[:8]])
    listed("caption", "left out", orphans, work and left_out(work, corpus.name, kind))
    what = "captions are of pictures without features"
    way = BY_MAKE if asked_by_make() else BY_HAND
    require(too_many(len(orphans), len(corpus.captions), max_errors, what, way))


def require_same(corpus: Corpus, caches: Sequence[FeatureCache], *, sample: int = SAMPLE) -> None:
    """Refuse caches of other pictures; ``sample`` files are compared with those on the disk.

    Of vectors of captions each sentence is compared.

    Raises:
        CacheError: the first such cache and picture or caption are named.
    """
    pictures = [cache for cache in caches if not holds_captions(cache)]
    for number, cache in enumerate(pictures):
        check_same_pictures(corpus, cache, sample=0 if number else sample)
    if len(pictures) > 1:
        check_one_corpus(corpus, pictures)
    for cache in caches:
        if holds_captions(cache):
            rows_of_captions(corpus.captions, CacheLayer(cache, TEXT), corpus.name)


def of_pictures(caches: Sequence[FeatureCache]) -> list[FeatureCache]:
    """Those of pictures.

    Raises:
        CacheError: there is none.
    """
    found = [cache for cache in caches if not holds_captions(cache)]
    if not found:
        raise CacheError(
            f"{caches[0].path} holds vectors of captions; give a cache of the pictures beside it"
        )
    return found


def holds_captions(cache: FeatureCache) -> bool:
    """Whether the rows of a cache are captions."""
    return of_captions(cache.manifest["fields"])


def one_key(keys: Sequence[str]) -> str:
    """One digest of what several caches are; of one its own key."""
    return keys[0] if len(keys) == 1 else json_sha256(sorted(keys))


def _where(caches: Sequence[FeatureCache], lacks: npt.NDArray[np.bool_]) -> str:
    """Of several caches those that lack a picture."""
    if len(caches) == 1:
        return ""
    named = [cache.path.name for cache, lacking in zip(caches, lacks, strict=True) if lacking]
    return f" in {' and '.join(named)}"
