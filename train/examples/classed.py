"""Captions and pictures that have classes: as vectors, or as words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.records import Corpus
from core.wording import counted
from train.examples.joined import Joined
from train.examples.pairs import Pairs
from train.examples.vectors import VectorPairs


class Uses(NamedTuple):
    """What a training item is for that lacks something, as the ends of sentences.

    ``unlabelled``: a pair without a label. ``alone``: a picture without a caption; empty where it
    counts as any other. ``unpaired``: a label that only such pictures have; empty where labels
    teach nothing.
    """

    unlabelled: str = "it counts only in what asks for no label, such as what a pair is apart"
    alone: str = "in no pair"
    unpaired: str = "nothing is learnt of it"


OF_PAIRS = Uses()
"""Where all that is learnt is learnt of pairs."""


class LabelledBatch(NamedTuple):
    """B captions and their pictures, ``pairs``, and ``label`` (B, classes) bool of the pictures."""

    pairs: Any
    label: Tensor


class LabelledVectors(VectorPairs):
    """Captions as vectors, with the classes of their pictures."""

    def batch(  # type: ignore[override]
        self, rows: np.ndarray, device: torch.device, draw: np.random.Generator | None = None
    ) -> LabelledBatch:
        """The batch of these caption rows, in their order."""
        return LabelledBatch(super().batch(rows, device, draw), _labels(self, rows, device))


class LabelledPairs(Pairs):
    """Captions as words, with the classes of their pictures."""

    def batch(  # type: ignore[override]
        self, rows: np.ndarray, device: torch.device, draw: np.random.Generator | None = None
    ) -> LabelledBatch:
        """The batch of these caption rows, in their order."""
        return LabelledBatch(super().batch(rows, device, draw), _labels(self, rows, device))


def taught(data: Joined, part: Corpus, classes: Sequence[str], uses: Uses) -> list[str]:
    """What of the training ``part`` teaches less than it might, in sentences for a person.

    Args:
        data: the part, read, with labels.
        part: as it was given.
        classes: its own.
        uses: what each is for that lacks something.
    """
    assert data.label is not None, "it has labels"
    told = []
    for label, many in zip(classes, data.label.sum(0), strict=True):
        if uses.unpaired and not many:
            told.append(f"no training pair has the label {label!r}: {uses.unpaired}")
    alone = len(data.image_id) - len(np.unique(data.owner))
    if alone and uses.alone:
        told.append(f"{counted(alone, 'item')} of {part.name} without a caption: {uses.alone}")
    if bare := int((~data.label.any(1)).sum()):
        told.append(f"{counted(bare, 'pair')} of {part.name} without a label: {uses.unlabelled}")
    return told


def chosen_by(data: Joined, part: Corpus, classes: Sequence[str]) -> list[str]:
    """What of the validation ``part`` chooses nothing, likewise; ``classes`` are training's."""
    assert data.label is not None, "it has labels"
    told = []
    strange = {label for image in part.images for label in image.labels} - set(classes)
    if strange:
        many = sum(1 for image in part.images if strange.intersection(image.labels))
        told.append(
            f"{counted(many, f'item of {part.name} has', f'items of {part.name} have')} labels "
            f"that no training item has (first {min(strange)!r}): nothing is learnt of these"
        )
    if bare := int((~data.label.any(1)).sum()):
        told.append(
            f"{counted(bare, 'pair')} of {part.name} without a label of training's: right for "
            "nobody, and not asked"
        )
    return told


def _labels(data: Joined, rows: np.ndarray, device: torch.device) -> Tensor:
    assert data.label is not None, "a task of labels refuses a part without classes"
    return torch.from_numpy(data.label[rows]).to(device)
