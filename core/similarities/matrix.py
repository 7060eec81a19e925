"""A matrix of similarities, of whoever made it: a prediction that needs no vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.ids import ALONE, rows_by_id
from core.similarities.taken import Taken

Names = npt.NDArray[np.str_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MAKE = "make the matrix again"
UNNAMED = "stored similarity"


@dataclass(frozen=True, slots=True)
class Similarity:
    """The scores of N images and M captions; the higher, the more alike.

    ``value`` (N, M) float32 or float64, in memory or mapped. ``image_id`` (N,) and ``caption_id``
    (M,) str, each once; ``owner`` (M,) int64 is the row of a caption's image. ``slack``: how far
    apart two scores of each image (N,), of each caption (M,), float64, may be and still tie;
    without it a tie is equality. ``words`` name the formula. ``facts`` are JSON values of how it
    was made, and ``sha256`` is that of its file, both empty where nobody knows.

    Raises:
        InputError: shapes or types that do not fit, an id that stands twice, or an owner outside
            the images.
    """

    value: npt.NDArray[Any] | Taken
    image_id: Names
    caption_id: Names
    owner: Ints
    slack: tuple[Floats, Floats] | None = None
    words: str = UNNAMED
    facts: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    protocol: str = "retrieval"

    def __post_init__(self) -> None:
        """Refuse what no ranking could be trusted on."""
        shape = (len(self.image_id), len(self.caption_id))
        if self.value.shape != shape or self.value.dtype not in (np.float32, np.float64):
            raise InputError(
                f"similarity is {_told(self.value)}, and of {shape[0]} image_id and {shape[1]} "
                f"caption_id it would be {shape} float32 or float64; {MAKE}"
            )
        if not shape[1]:
            raise InputError(f"there are no captions to rank; {MAKE}")
        for name, ids in (("image_id", self.image_id), ("caption_id", self.caption_id)):
            _require_once(name, ids)
        self._require_owned()
        sides = zip(("image", "caption"), self.slack or (), shape, strict=False)
        for name, slack, many in sides:
            sound = slack.shape == (many,) and slack.dtype == np.float64
            if not (sound and np.isfinite(slack).all() and (slack >= 0).all()):
                raise InputError(f"{name}_slack is not ({many},) float64 from 0 on; {MAKE}")

    def _require_owned(self) -> None:
        images, captions = self.value.shape
        if self.owner.shape != (captions,) or self.owner.dtype != np.int64:
            raise InputError(
                f"owner is {_told(self.owner)}, not ({captions},) int64, the row of each "
                f"caption's image; {MAKE}"
            )
        outside = np.flatnonzero((self.owner < 0) | (self.owner >= images))
        if len(outside):
            first = int(outside[0])
            raise InputError(
                f"the owner of caption {str(self.caption_id[first])!r} is {self.owner[first]}, and "
                f"rows of images are 0 to {images - 1}; {MAKE}"
            )

    def save(self, folder: Path, name: str = "") -> dict[str, str]:
        """Nothing: it is in its own file, which a report names by digest."""
        del folder, name
        return {}

    def as_in(self, first: "Similarity", names: str) -> "Similarity":
        """This one in the order of ``first``, joined by ids, never by position.

        Raises:
            InputError: it is of other images or captions, or these have other images; ``names`` are
                those of both.
        """
        images = rows_by_id(names, "images", first.image_id, self.image_id)
        captions = rows_by_id(names, "captions", first.caption_id, self.caption_id)
        owners = [each.image_id[each.owner] for each in (first, self)]
        if (owners[0] != owners[1][captions]).any():
            raise InputError(f"{names} have captions of other images; {ALONE}")
        slack = self.slack and (self.slack[0][images], self.slack[1][captions])
        return replace(
            self,
            value=Taken.of(self.value, images, captions),
            image_id=first.image_id,
            caption_id=first.caption_id,
            owner=first.owner,
            slack=slack,
        )


def _require_once(name: str, ids: Names) -> None:
    found, many = np.unique(ids, return_counts=True)
    if len(found) < len(ids):
        twice = str(found[many > 1][0])
        raise InputError(f"{twice!r} stands {many.max()} times in {name}; give each id once")


def _told(array: npt.NDArray[Any] | Taken) -> str:
    return f"{array.shape} {array.dtype}"
