"""The labels of what is asked about: those of its corpus, whatever the training part knew."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.predictions import Embeddings, Prediction
from core.records import Corpus
from evaluate.right import NO_LABELS

BY_LABEL = "labels"
"""The protocol that asks for them."""
CHOSEN = "map"
"""What the scores of a run are called that this protocol chose the epoch of."""


def require_labels(protocol: str | None, part: Corpus, best: Collection[str] = ()) -> None:
    """Refuse to ask about labels where there are none, before hours of work.

    Args:
        protocol: None is that by which the run was chosen.
        part: what is asked about.
        best: what the scores of the run's best epoch are called.

    Raises:
        InputError: there are none.
    """
    asked = BY_LABEL if protocol is None and CHOSEN in best else protocol
    if asked == BY_LABEL and not any(image.labels for image in part.images):
        raise InputError(f"{part.name}: {NO_LABELS}")


def with_labels(prediction: Prediction, part: Corpus) -> Prediction:
    """Embeddings of ``part`` with its labels, a column each in the order of the words.

    A task knows the classes of its training part; a picture of another class would have none. What
    a corpus without labels says stays as it is, and so does another kind of prediction, or one of
    items that are neither pictures nor captions of the corpus.
    """
    told = {image.id: image.labels for image in part.images}
    if not any(told.values()) or not isinstance(prediction, Embeddings):
        return prediction
    owners = zip(part.captions, part.owner, strict=True)
    told |= {caption.id: part.images[owner].labels for caption, owner in owners}
    image, caption = prediction.image, prediction.caption
    items = [*image.id, *([] if caption is None else caption.id)]
    if not all(str(i) in told for i in items):
        return prediction
    table = _table([told[str(i)] for i in items])
    if caption is not None:
        caption = replace(caption, label=table[len(image.id) :])
    return replace(prediction, image=replace(image, label=table[: len(image.id)]), caption=caption)


def _table(labels: Sequence[Sequence[str]]) -> npt.NDArray[np.bool_]:
    """(items, classes): which labels each item has."""
    classes = sorted({label for each in labels for label in each})
    column = {label: number for number, label in enumerate(classes)}
    found = np.zeros((len(labels), len(classes)), dtype=np.bool_)
    for row, each in zip(found, labels, strict=True):
        row[[column[label] for label in each]] = True
    return found
