"""What of a part is trained and validated on: its pictures that every source has."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import CacheError, InputError
from core.records import Corpus
from core.sources import Rows, Source, of_captions


class Present(NamedTuple):
    """The pictures of a part that every source has.

    Attributes:
        part: of these pictures and their captions alone.
        rows: (sources, pictures of ``part``) int64, where each source has them.
        place: (pictures of ``part``,) int64, their rows in the whole part.
    """

    part: Corpus
    rows: Rows
    place: Rows


def present(part: Corpus, sources: Sequence[Source]) -> Present:
    """Join the pictures of ``part`` to ``sources`` of pictures, by id.

    Raises:
        InputError: the part has no captions.
        CacheError: no caption has a picture that every source has.
    """
    if not part.captions:
        raise InputError(
            f"{part.name}: none of these {len(part.images)} pictures has a caption; "
            "add captions, or choose another split"
        )
    rows, complete = _joined(part, sources)
    there = part.select(complete)
    if not there.captions:
        raise CacheError(
            f"there are no features for any of the {len(part.captions)} captions of "
            f"{part.name}; run `features` on this corpus"
        )
    return Present(there, rows[:, complete], np.flatnonzero(complete).astype(np.int64))


def there(part: Corpus, sources: Sequence[Source]) -> tuple[Corpus, Rows]:
    """The pictures of ``part`` that every source has, if any, with captions or without.

    Returns:
        the part of these; (sources, its pictures) int64, where each source has them.
    """
    rows, complete = _joined(part, sources)
    return part.select(complete), rows[:, complete]


def shown(part: Corpus, sources: Mapping[str, Source]) -> Corpus:
    """The pictures of ``part`` that every source of pictures has, if any, and their captions."""
    of_pictures = [source for source in sources.values() if not of_captions(source.made_by)]
    return part.select(_joined(part, of_pictures)[1])


def _joined(part: Corpus, sources: Sequence[Source]) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """The row of each picture in each source, -1 for none; and which every source has."""
    ids = [image.id for image in part.images]
    rows = np.empty((len(sources), len(ids)), dtype=np.int64)
    for number, source in enumerate(sources):
        rows[number] = source.rows(ids)
    return rows, np.all(rows >= 0, axis=0)
