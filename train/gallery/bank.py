"""Whom the gallery's bias asks: pictures of the training part with their captions, by the seed."""

from typing import Any

import numpy as np
import torch

from core.errors import SettingError
from core.predictions import Embeddings, Prediction
from train.gallery.bias import Bank
from train.plan import Plan
from train.task import Examples, Task

STREAM = 0x6A11
"""Tells this draw from every other one of the same seed."""


def bank_of(plan: Plan, task: Task[Any], train: Examples) -> Examples:
    """The examples of the bank: so many pictures of ``train`` as the recipe says, or all.

    Nothing of validation or test is among them.

    Raises:
        SettingError: the task's predictions know no bias of a gallery.
    """
    pictures = np.unique(train.group)
    require_galleried(task.predict(_read(plan, task, pictures[:1])))
    wanted = plan.recipe.gallery.bank
    if not wanted or wanted >= len(pictures):
        return train
    draw = np.random.default_rng((plan.seed, STREAM))
    return _read(plan, task, draw.choice(pictures, wanted, replace=False))


def embedded(task: Task[Any], examples: Examples) -> Bank:
    """The bank as the task embeds it by now; of pictures only those that have a caption."""
    found = require_galleried(task.predict(examples))
    assert found.caption is not None, "it has captions"
    assert found.owner is not None, "they have owners"
    asking = np.unique(found.owner)
    return Bank(torch.from_numpy(found.image.value[asking]), torch.from_numpy(found.caption.value))


def require_galleried(prediction: Prediction) -> Embeddings:
    """Refuse what is no embedding of pictures and captions under the inner product.

    Raises:
        SettingError: it is none.
    """
    if isinstance(prediction, Embeddings) and _paired(prediction):
        return prediction
    raise SettingError(
        "gallery.bias = true: it takes pictures and captions of their own, float32 vectors under "
        "the inner product, and this task predicts something else; set gallery.bias=false"
    )


def _paired(found: Embeddings) -> bool:
    kinds = {side.value.dtype.name for side in (found.image, found.caption) if side is not None}
    return found.owner is not None and found.similarity == "inner" and kinds == {"float32"}


def _read(plan: Plan, task: Task[Any], pictures: Any) -> Examples:
    """The examples of these ``pictures``, rows of the training part."""
    part = plan.parts[0]
    keep = np.zeros(len(part.images), dtype=np.bool_)
    keep[pictures] = True
    examples: Examples = task.read(part.select(keep), plan.sources)
    return examples
