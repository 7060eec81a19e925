"""The captions of a part of a corpus joined to the features of their pictures."""

from collections.abc import Sequence

import numpy as np

from core.errors import CacheError, InputError
from core.records import Corpus
from core.sources import Rows, Source
from train.examples.table import Tables
from train.measured import Labels, labels_of


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

    def __init__(self, part: Corpus, sources: Sequence[Source], classes: tuple[str, ...]):
        """Join by id.

        Raises:
            InputError: the part has no captions.
            CacheError: no caption has a picture with features.
        """
        if not part.captions:
            raise InputError(
                f"{part.name}: none of these {len(part.images)} pictures has a caption; "
                "add captions, or choose another split"
            )
        ids = [image.id for image in part.images]
        rows = np.array([source.rows(ids) for source in sources])
        complete = np.all(rows >= 0, axis=0)
        self.there = there = part.select(complete)
        if not there.captions:
            raise CacheError(
                f"there are no features for any of the {len(part.captions)} captions of "
                f"{part.name}; run `features` on this corpus"
            )
        self.image_id = np.array([image.id for image in there.images], dtype=np.str_)
        self.image_label: Labels = labels_of(there.images, classes)
        self.id = np.array([caption.id for caption in there.captions], dtype=np.str_)
        self.owner = there.owner
        self.group: Rows = np.flatnonzero(complete).astype(np.int64)[self.owner]
        self.label: Labels = None if self.image_label is None else self.image_label[self.owner]
        self.features = Tables(sources, rows[:, complete])
