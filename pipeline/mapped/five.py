"""What the five panels show: both original spaces, and the one that was learned."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from core.errors import InputError
from core.predictions import Embeddings, Prediction
from core.records import Corpus
from core.sources import Source
from evaluate.modality import unit
from pipeline.mapped.classes import Classes, classes
from pipeline.mapped.originals import originals
from pipeline.mapped.placing import NAMES, Placed, method, placed
from pipeline.mapped.sampled import Sampled, sampled


class Five(NamedTuple):
    """``image`` (K, 2), ``text`` (L, 2) and ``both`` (K + L, 2), images first, with their classes.

    ``read`` says what the first two are places of, ``by`` how all were placed, ``of`` of how many
    images and texts these are.
    """

    image: Placed
    text: Placed
    both: Placed
    classes: Classes
    read: tuple[str, str]
    by: str
    of: tuple[int, int]

    @property
    def sizes(self) -> tuple[int, int]:
        """K and L."""
        return len(self.image.places), len(self.text.places)

    def told(self) -> str:
        """Of how many these are, and by which method."""
        sides = zip(self.sizes, self.of, ("images", "texts"), strict=True)
        many = [f"{n:,} {side}" if n == of else f"{n:,} of {of:,} {side}" for n, of, side in sides]
        return f"{' and '.join(many)}, placed by {NAMES[self.by]}"


def five(
    prediction: Prediction | None,
    part: Corpus,
    sources: Mapping[str, Source],
    *,
    by: str,
    most: int,
) -> Five:
    """Of what a run predicted of ``part``, and of what it read: at most ``most`` of each side.

    Raises:
        InputError: nothing has a label, or there are no vectors of both sides.
        SettingError: as ``pipeline.mapped.placing.method``.
        CacheError: an item is in no source.
    """
    require_some_label(part)
    if not isinstance(prediction, Embeddings) or prediction.image.value.dtype != np.float32:
        raise InputError("the map is of vectors of images and of texts; ask a run that has both")
    images, captions = prediction.image, prediction.caption
    if captions is None or not len(captions.id):
        raise InputError(f"{part.name} has no text; ask about a corpus with captions")
    sample = sampled(prediction, most)
    chosen = method(by, min(len(sample.image), len(sample.caption)))
    read = originals(part, sources, sample.image_id, sample.caption_id)
    return Five(
        image=placed(read.image, chosen),
        text=placed(read.text, chosen),
        both=placed(unit(sample.both), chosen),
        classes=_classes(part, sample),
        read=read.told,
        by=chosen,
        of=(len(images.id), len(captions.id)),
    )


def require_some_label(part: Corpus) -> None:
    """Refuse a part of which nothing has a label.

    Raises:
        InputError: so it is.
    """
    if not any(image.labels for image in part.images):
        raise InputError(
            f"{part.name}: no picture has a label, and the map shows classes; ask about a corpus "
            "with labels (docs/corpora.md), or look at the projections in report.html"
        )


def _classes(part: Corpus, sample: Sampled) -> Classes:
    """Captions have the labels of their images."""
    told = {image.id: image.labels for image in part.images}
    owner = {
        caption.id: part.images[row].labels
        for caption, row in zip(part.captions, part.owner, strict=True)
    }
    items = [told[str(id)] for id in sample.image_id] + [owner[str(id)] for id in sample.caption_id]
    return classes(items, [image.labels for image in part.images])
