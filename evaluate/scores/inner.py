"""The inner product: one product in float32, and its own pairs again in float64 where it matters.

However the D products of an inner product are added up, in float32 the sum is within
``D 2**-24 / (1 - D 2**-24) |a| |b|`` of the true one (Higham, Accuracy and Stability of Numerical
Algorithms, section 3.1); what underflows adds no more than ``2**-125 D (1 + |a| + |b|)``.
"""

import numpy as np
import torch
from torch import Tensor

from core.predictions import Embeddings
from evaluate.hits import Ints
from evaluate.scores.dense import Dense
from evaluate.scores.face import UNIT, Band, Block, Floats
from evaluate.scores.vectors import some

SINGLE = 2.0**-24
UNDERFLOW = 2.0**-125
LARGEST = 2.0**120
"""No partial sum of a product exceeds |a| |b|: below this, float32 holds each of them."""
COLUMNS = 1024
FULL = {"none", "ieee"}
"""What torch says of a product in which float32 keeps all of its bits."""


class Inner(Dense):
    """<i, c> of images (N, D) and captions (M, D), float32."""

    words = "inner product in float64"

    def __init__(self, embeddings: Embeddings, device: torch.device | str = "cpu") -> None:
        """See ``Dense``."""
        super().__init__(embeddings, device)
        self._product = self._length.image.max(initial=0) * self._length.caption.max()

    def block(self, images: slice, captions: slice) -> Block:
        """One product: (images, captions), float32 where it can tell, else float64."""
        image, caption = self._there
        if self._single():
            return _product(image[images], caption[captions])
        rows = np.arange(*images.indices(len(image)))
        return self.exact(rows, captions)

    def exact(self, images: Ints, captions: slice) -> Floats:
        """A product, some captions at a time: (images, captions) float64."""
        image, caption = self._there
        asked = image[torch.from_numpy(images).to(image.device)].double()
        part = caption[captions]
        columns = (part[left : left + COLUMNS] for left in range(0, len(part), COLUMNS))
        return np.concatenate([_product(asked, each.double()) for each in columns], axis=1)

    def pairs(self, images: Ints, captions: Ints) -> Floats:
        """A product a row, (K,) float64, in which products of two float32 are exact."""
        found = np.empty(len(images))
        for part in some(images):
            image, caption = self._image[images[part]], self._caption[captions[part]]
            found[part] = np.einsum("ij,ij->i", image, caption, dtype=np.float64)
        return found

    def slack(self) -> Band:
        """2 D u |a| |b|, b the longest candidate."""
        return self._each(2 * self._image.shape[1] * UNIT)

    def largest(self) -> Band:
        """|a| |b|, b the longest candidate."""
        return self._each(1)

    def doubt(self) -> Band | None:
        """The bound above, b the longest candidate."""
        if not self._single():
            return None
        wide, length = self._image.shape[1], self._length
        lost = wide * UNDERFLOW * (1 + length.image.max(initial=0) + length.caption.max())
        # Twice the distance of 1 to the next float64 is more than the lengths are rounded by.
        unit = wide * SINGLE / (1 - wide * SINGLE) * (1 + (wide + 4) * 2 * UNIT)
        image, caption = self._each(unit)
        return Band(image + lost, caption + lost)

    def _each(self, unit: float) -> Band:
        """Unit |a| |b|, b the longest candidate."""
        image, caption = self._length
        return Band(unit * image * caption.max(), unit * caption * image.max(initial=0))

    def _single(self) -> bool:
        """Whether a product in float32 is one: neither too large, nor in fewer bits."""
        sides = torch.backends.cuda.matmul, torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
        full = all(side.fp32_precision in FULL for side in sides)
        return bool(self._product < LARGEST) and full


def _product(image: Tensor, caption: Tensor) -> Block:
    """All with all, where numpy has room for it.

    Room that torch asks for, aligned, is not found again once it is free: memory would grow.
    """
    if image.device.type != "cpu":
        return _array(image @ caption.T)
    found = np.empty((len(image), len(caption)), dtype=_array(image[:0]).dtype)
    torch.mm(image, caption.T, out=torch.from_numpy(found))
    return found


def _array(block: Tensor) -> Block:
    found: Block = block.cpu().numpy()
    return found
