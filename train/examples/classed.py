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

WITHOUT = "it counts only in what asks for no label, such as what a pair is apart"


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


def notes_on(
    data: Joined, part: Corpus, classes: Sequence[str], unlabelled: str = WITHOUT
) -> list[str]:
    """What of a part will teach or choose nothing, in sentences for a person.

    Args:
        data: the part, read.
        part: as it was given.
        classes: those of the training part.
        unlabelled: what a pair without a label is for.
    """
    told = []
    known = set(classes)
    strange = {label for image in part.images for label in image.labels} - known
    if strange:
        many = sum(1 for image in part.images if strange.intersection(image.labels))
        told.append(
            f"{counted(many, 'item')} of {part.name} have labels that no training item has "
            f"(first {min(strange)!r}): nothing is learnt of these"
        )
    owned = set(data.owner.tolist())
    if alone := len(data.image_id) - len(owned):
        told.append(f"{counted(alone, 'item')} of {part.name} without a caption: in no pair")
    label = data.label
    if label is not None and (bare := int((~label.any(1)).sum())):
        told.append(f"{counted(bare, 'pair')} of {part.name} without a label: {unlabelled}")
    return told


def _labels(data: Joined, rows: np.ndarray, device: torch.device) -> Tensor:
    assert data.label is not None, "a task of labels refuses a part without classes"
    return torch.from_numpy(data.label[rows]).to(device)
