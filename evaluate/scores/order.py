"""The order violation of Vendrov et al. 2016 (equation 2), as VSE++'s code has it: with the root.

Minus the norm of what a caption exceeds its image by.
"""

import numpy as np
import torch
from torch import Tensor

from evaluate.hits import Ints
from evaluate.scores.dense import Dense
from evaluate.scores.face import UNIT, Band, Block, Floats
from evaluate.scores.vectors import some

AT_ONCE = 30_000
"""Differences that a CPU holds at once: what fits its cache, and torch gives to one thread."""


class Order(Dense):
    """-|max(0, c - i)|: an image stands above what its captions say."""

    words = "order violation in float64"

    def block(self, images: slice, captions: slice) -> Block:
        """(images, captions) float64: no product of matrices is to be had."""
        image, caption = self._there
        return _violations(image[images].double(), caption[captions].double())

    def exact(self, images: Ints, captions: slice) -> Floats:
        """As ``block``: (images, captions) float64."""
        image, caption = self._there
        rows = torch.from_numpy(images).to(image.device)
        return _violations(image[rows].double(), caption[captions].double())

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """Minus the norm of each row's excess: (K,) float64."""
        found = np.empty(len(images))
        for part in some(images):
            caption = self._caption[captions[part]].astype(np.float64)
            excess = np.maximum(caption - self._image[images[part]], 0)
            found[part] = -np.sqrt(np.einsum("ij,ij->i", excess, excess))
        return found

    def slack(self) -> Band:
        """(D + 5) u (|a| + |b|), b the longest candidate.

        No difference of large numbers is taken: each of the D squares is right to 3 u of itself,
        their sum to (D + 2) u, its root to half of that and u, and no score exceeds |a| + |b|.
        """
        unit = (self._image.shape[1] + 5) * UNIT
        image, caption = self.largest()
        return Band(unit * image, unit * caption)

    def largest(self) -> Band:
        """|a| + |b|, b the longest candidate."""
        image, caption = self._length
        return Band(image + caption.max(), caption + image.max(initial=0))


def _violations(image: Tensor, caption: Tensor) -> Floats:
    """Some captions of one image at a time: no room for all differences is asked for."""
    scores = image.new_empty(len(image), len(caption))
    step = max(1, AT_ONCE // image.shape[1]) if image.device.type == "cpu" else len(caption)
    for left in range(0, len(caption), step):
        part = caption[left : left + step]
        for row, one in enumerate(image):
            scores[row, left : left + step] = -(part - one).clamp_(min=0).norm(dim=1)
    found: Floats = scores.cpu().numpy()
    return found
