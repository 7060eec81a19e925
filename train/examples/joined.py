"""The captions of a part of a corpus joined to the features of their pictures."""

from collections.abc import Sequence

import numpy as np
import torch

from core.records import Corpus
from core.sources import Rows, Source
from train.examples.pictures import Pictures
from train.examples.there import PicturesThere
from train.measured import Labels
from train.present import present


class Joined:
    """The pictures of a part that every source has, and their captions; an example is a caption.

    Attributes:
        id: (captions,) str.
        group: (captions,) int64, the caption's picture as a row of the part.
        label: (captions, classes) bool, its picture's; None without classes.
        there: the part, of these pictures and captions alone.
        features: a row a picture that every source has.
        owner: (captions,) int64, the caption's picture as a row of ``features``.
        image_id: (pictures,) str; pictures without captions are among them.
        image_label: (pictures, classes) bool; None without classes.
    """

    _there: PicturesThere | None = None

    def __init__(self, part: Corpus, sources: Sequence[Source], classes: tuple[str, ...]):
        """Join by id.

        Raises:
            InputError: the part has no captions.
            CacheError: no caption has a picture with features.
            NumberError: a feature is not finite.
        """
        there, rows, place = present(part, sources)
        self.there = there
        pictures = Pictures.joined(there, sources, rows, classes)
        self.image_id = pictures.id
        self.image_label: Labels = pictures.label
        self.features = pictures.features
        self.id = np.array([caption.id for caption in there.captions], dtype=np.str_)
        self.owner = there.owner
        self.group: Rows = place[self.owner]
        self.label: Labels = None if self.image_label is None else self.image_label[self.owner]

    def resident_bytes(self) -> int | None:
        """What ``reside`` puts on a device; None where a training visit varies what it reads."""
        return None if self.features.varies else self.features.nbytes + 32 * len(self.id)

    def reside(self, device: torch.device) -> None:
        """Put all that a batch is of on ``device``, where batches are gathered from now on.

        Raises:
            NumberError: a value that was not read before is not finite.
        """
        self._there = PicturesThere(self.features, self.owner, self.group, device)
