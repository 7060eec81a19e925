"""Was this cache made from this corpus, and was that one made from the same files?"""

from collections.abc import Sequence

import numpy as np

from core.errors import CacheError
from core.files import IrregularFile
from core.matrices import Row
from core.places import file_of, place_sha256
from core.records import Corpus, Image
from core.store import FeatureCache

SAMPLE = 200


def check_same_pictures(corpus: Corpus, cache: FeatureCache, *, sample: int = SAMPLE) -> None:
    """Compare the ids, and the files of ``sample`` evenly spread pictures that are on disk.

    Pictures that the cache lists as unreadable belong to it; pictures that are not on disk any
    more are not compared.

    Raises:
        CacheError: the cache was made from other pictures, or something else than a file stands
            where one was; the first one is named.
    """
    row = {image_id: index for index, image_id in enumerate(cache.ids)}
    unknown = [image.id for image in corpus.images if image.id not in row]
    if unknown:
        raise CacheError(
            f"{cache.path} was made from another corpus: {len(unknown)} of the "
            f"{len(corpus.images)} pictures of {corpus.name} are not in it, first {unknown[0]!r}; "
            f"run {_again(corpus)}"
        )
    spread = np.linspace(0, len(corpus.images) - 1, num=min(sample, len(corpus.images)))
    for image in (corpus.images[i] for i in spread.astype(np.int64)):
        if not cache.readable[row[image.id]] or not _is_there(image):
            continue
        here, then = _digest(image), cache.digests[row[image.id]]
        if here != then:
            raise CacheError(
                f"{cache.path} was made from another file for {image.id!r}: sha256 {then[:12]} "
                f"there, {here[:12]} in {corpus.name}; run {_again(corpus)}"
            )


def check_one_corpus(corpus: Corpus, caches: Sequence[FeatureCache]) -> None:
    """Compare what ``caches`` note of the files of a corpus's pictures, which all of them know.

    A picture of which one notes no file is not compared.

    Raises:
        CacheError: two were made from other files; the first picture is named.
    """
    noted: dict[str, tuple[str, FeatureCache]] = {}
    for cache in caches:
        digest = dict(zip(cache.ids, cache.digests, strict=True))
        for image in corpus.images:
            now = digest[image.id]
            then, first = noted.setdefault(image.id, (now, cache)) if now else (now, cache)
            if now != then:
                raise CacheError(
                    f"{first.path} and {cache.path} were made from two files for {image.id!r}: "
                    f"sha256 {then[:12]} and {now[:12]}; run `features` again on the corpus whose "
                    "pictures are meant, and take those caches"
                )


def _again(corpus: Corpus) -> str:
    """What makes a cache of it."""
    return "`cache import` on its folder" if corpus.stored else "`features` on this corpus"


def _is_there(image: Image) -> bool:
    return image.place is not None and file_of(image.place).exists()


def _digest(image: Image) -> str:
    place = image.place if isinstance(image.place, Row) else image.picture
    try:
        return place_sha256(place)
    except IrregularFile as error:
        raise CacheError(
            f"{place} {error.strerror}, and features were made from one; put it back"
        ) from None
