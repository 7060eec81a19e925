"""Items with a vector of each of two sources and with labels: no pictures, no captions."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.errors import InputError
from train.examples.table import Table
from train.measured import labels_of


class Batch(NamedTuple):
    """``image`` and ``text`` (B, F) float32, ``label`` (B, classes) bool."""

    image: Tensor
    text: Tensor
    label: Tensor


class Labelled:
    """The items of a part that both sources have."""

    def __init__(self, part, sources, classes):
        """Join by id."""
        if not classes:
            raise InputError(f"{part.name}: no item has a label; add labels")
        rows = {n: sources[n].rows(i.id for i in part.images) for n in ("image", "text")}
        both = (rows["image"] >= 0) & (rows["text"] >= 0)
        there = part.select(both)
        self.id = np.array([image.id for image in there.images], dtype=np.str_)
        self.group = np.flatnonzero(both)
        self.label = labels_of(there.images, classes)
        self.notes = ()
        self.image, self.text = (Table(sources[n], rows[n][both]) for n in ("image", "text"))

    def batch(self, rows, device, draw=None):
        """The batch of these items."""
        label = torch.from_numpy(self.label[rows])
        values = self.image.visit(rows, draw), self.text.visit(rows, draw)
        return Batch(*(value.to(device) for value in (*values, label)))


def all_of(data, device):
    """Every item as one batch."""
    return data.batch(np.arange(len(data.id)), device)
