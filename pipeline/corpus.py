"""Reading a corpus for a person, and holding it against a cache."""

from pathlib import Path

from core.corpora import read_corpus
from core.provenance import SAMPLE, check_same_pictures
from core.records import Corpus
from core.store import FeatureCache
from core.wording import counted
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
    return corpus


def require_pictures(
    corpus: Corpus,
    cache: FeatureCache,
    max_errors: float,
    *,
    sample: int = SAMPLE,
    work: Path | None = None,
) -> None:
    """List the captions whose picture could not be read; compare so many files with the cache's.

    All of them are listed in ``work``'s ``left-out/``, where it is given.

    Raises:
        CacheError: the cache was made from other pictures.
        TooManyFailures: they are more than ``max_errors`` percent.
    """
    check_same_pictures(corpus, cache, sample=sample)
    missing = cache.rows(image.id for image in corpus.images) < 0
    orphans = [
        f"{caption.id}: {corpus.images[owner].id} has no features"
        for caption, owner in zip(corpus.captions, corpus.owner, strict=True)
        if missing[owner]
    ]
    splits = {image.split for image in corpus.images}
    part = [splits.pop()] if len(splits) == 1 else []
    kind = "-".join([*part, "captions", cache.manifest["key"][:8]])
    listed("caption", "left out", orphans, work and left_out(work, corpus.name, kind))
    what = "captions are of pictures without features"
    way = BY_MAKE if asked_by_make() else BY_HAND
    require(too_many(len(orphans), len(corpus.captions), max_errors, what, way))
