"""The pictures of a part that every source has, with captions or without, and their features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import CacheError
from core.records import Corpus
from core.sources import Rows, Source
from train.examples.table import Tables
from train.measured import Labels, labels_of
from train.present import there


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures alone, in the order of the part.

    ``id`` is (N,) str; ``label`` (N, classes) bool, None without classes; ``features`` has a row a
    picture.
    """

    id: npt.NDArray[np.str_]
    label: Labels
    features: Tables

    @staticmethod
    def of(part: Corpus, sources: Sequence[Source], classes: tuple[str, ...]) -> "Pictures":
        """Those of ``part`` that every source has.

        Raises:
            CacheError: there is none.
            NumberError: a feature is not finite.
        """
        found, rows = there(part, sources)
        if not found.images:
            raise CacheError(
                f"there are no features for any of the {len(part.images):,} pictures of "
                f"{part.name}; run `features` on this corpus"
            )
        return Pictures.joined(found, sources, rows, classes)

    @staticmethod
    def joined(
        part: Corpus, sources: Sequence[Source], rows: Rows, classes: tuple[str, ...]
    ) -> "Pictures":
        """All of ``part``, which are ``rows`` (sources, N) int64 of the sources.

        Raises:
            NumberError: a feature is not finite.
        """
        ids = np.array([image.id for image in part.images], dtype=np.str_)
        return Pictures(ids, labels_of(part.images, classes), Tables(sources, rows, ids))
