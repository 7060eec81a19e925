"""The scores of a prediction, by the name of its similarity."""

from typing import Protocol

import torch

from core.ensemble import Ensemble
from core.errors import SettingError, choices
from core.predictions import Embeddings
from core.similarities.matrix import Similarity
from evaluate.scores.averaged import Averaged
from evaluate.scores.cosine import Cosine
from evaluate.scores.face import Scores
from evaluate.scores.hamming import Hamming
from evaluate.scores.inner import Inner
from evaluate.scores.order import Order
from evaluate.scores.stored import Stored


class Formula(Protocol):
    """Embeddings to their scores, computed on a device."""

    def __call__(self, embeddings: Embeddings, device: torch.device | str) -> Scores:
        """See ``Inner``."""


SIMILARITIES: dict[str, Formula] = {
    "inner": Inner,
    "cosine": Cosine,
    "order": Order,
    "hamming": Hamming,
}


def scores_of(
    prediction: Embeddings | Similarity | Ensemble, device: torch.device | str = "cpu"
) -> Scores:
    """The scores of embeddings under their own similarity, or as stored; of several the mean.

    Raises:
        SettingError: there is no such similarity.
        InputError: it is of other vectors, or there are no captions with owners.
    """
    if isinstance(prediction, Ensemble):
        return Averaged([scores_of(member, device) for member in prediction.members])
    if isinstance(prediction, Similarity):
        return Stored.of(prediction)
    name = prediction.similarity
    if name not in SIMILARITIES:
        raise SettingError(f"similarity = {name!r}: {choices(name, list(SIMILARITIES))}")
    return SIMILARITIES[name](prediction, device)
