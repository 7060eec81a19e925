"""Which images and captions there are, and whose each caption is."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.predictions import Embeddings
from evaluate.hits import Ints

Names = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Sides:
    """The ids of the images (N,) and of the captions (M,), and the image of each caption (M,)."""

    image_id: Names
    caption_id: Names
    owner: Ints

    @staticmethod
    def of(embeddings: Embeddings) -> "Sides":
        """Those of captions with owners.

        Raises:
            InputError: there are no captions, or no owners.
        """
        captions, owner = embeddings.caption, embeddings.owner
        if captions is None or owner is None:
            raise InputError(
                "ranks are of captions with owners, and these embeddings have none; choose another "
                "protocol"
            )
        if not len(captions.id):
            raise InputError("there are no captions to rank; choose a split that has some")
        return Sides(embeddings.image.id, captions.id, owner)

    @property
    def everybody(self) -> dict[str, tuple[Names, Names]]:
        """Who could ask, each way, and the picture that each belongs to: ids, (N,) and (M,) each.

        As ``i2t`` the images, as ``t2i`` the captions.
        """
        images, captions = self.image_id, self.caption_id
        return {"i2t": (images, images), "t2i": (captions, images[self.owner])}

    @property
    def asking(self) -> dict[str, tuple[Names, Names]]:
        """Who asks, each way, and the picture that each belongs to: ids, (Q,) each.

        As ``i2t`` the images with captions, as ``t2i`` the captions.
        """
        images = self.image_id[np.unique(self.owner)]
        return {"i2t": (images, images), "t2i": (self.caption_id, self.image_id[self.owner])}

    @cached_property
    def image_toss(self) -> Ints:
        """The place of each image where scores tie."""
        return toss(self.image_id)

    @cached_property
    def caption_toss(self) -> Ints:
        """The place of each caption where scores tie."""
        return toss(self.caption_id)


def toss(ids: Names) -> Ints:
    """The place of each id, (n,) int64, when the ids are sorted by their SHA-256.

    Of some of the ids alone, in the same order as among all.
    """
    digests = [hashlib.sha256(str(i).encode()).digest() for i in ids]
    place = np.empty(len(ids), dtype=np.int64)
    place[sorted(range(len(ids)), key=digests.__getitem__)] = np.arange(len(ids))
    return place
