"""How likely it is that two items share a class, by the angle between them, in blocks of pairs."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.linalg import vector_norm

CELLS = 2**20
"""So many pairs are in memory at once: of a batch of 100 all of a kind, of a large one few rows."""
SHORTEST = 1e-3
"""A norm counts as no less, so that a product of two is at least 1e-6, as in the public code."""


def common_space(image: Tensor, caption: Tensor, label: Tensor, *, cells: int = CELLS) -> Tensor:
    """J2 of DSCMR (Zhen et al. 2019): sum over pairs of -log P(S | angle), both sides and across.

    ``(1 / n^2) sum_ij [log(1 + e^G_ij) - S_ij G_ij]`` with ``G_ij = cos(x_i, y_j) / 2``, of image
    and caption, of image and image, and of caption and caption, added up; a pair of an item with
    itself is among them, and ``n`` is how many rows have a label. ``S_ij`` is 1 where rows i and j
    share a label, however many: the public code counts them, which is the same where each item has
    one. Its gradient is computed with it: memory does not grow with the square of the batch.

    Args:
        image: (B, D) float, of any length; row b belongs to caption b.
        caption: (B, D) float.
        label: (B, C) bool; a row without any takes no part.
        cells: so many pairs at once.

    Returns:
        () float, at least 0; 0 without labels.
    """
    found: Tensor = _Pairs.apply(image, caption, label, cells)
    return found


class _Pairs(Function):
    """Vectors (B, D) of both sides and labels (B, C) -> (); twice differentiable it is not.

    What is kept for the way back is the gradient alone, (2 B, D).
    """

    @staticmethod
    def forward(ctx: Any, image: Tensor, caption: Tensor, label: Tensor, cells: int) -> Tensor:
        """Of each kind of pair so many rows at a time against all."""
        both = torch.cat([image, caption])
        length = vector_norm(both, dim=1, keepdim=True)
        divisor = length.clamp(min=SHORTEST)
        total, slope = _summed(both.div_(divisor), label, cells)
        along = (slope * both).sum(1, keepdim=True) * (length >= SHORTEST)
        ctx.save_for_backward(slope.addcmul_(both, along, value=-1).div_(divisor))
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """What was found on the way there, as much as is asked for."""
        (gradient,) = ctx.saved_tensors
        image, caption = (grad * gradient).chunk(2)
        return image, caption, None, None


def _summed(unit: Tensor, label: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """J2 of unit vectors (2 B, D), images first, and its gradient in them."""
    classes, known = label.to(unit.dtype), label.any(1).to(unit.dtype)
    many, rows = len(label), max(1, cells // max(1, len(label)))
    total, gradient = unit.new_zeros(()), torch.zeros_like(unit)
    vectors, slopes = unit.chunk(2), gradient.chunk(2)
    for start in range(0, many, rows):
        part = slice(start, start + rows)
        same = (classes[part] @ classes.T > 0).to(unit.dtype)
        weight = known[part, None] * known
        for one, two in ((0, 0), (0, 1), (1, 1)):
            angle = vectors[one][part] @ vectors[two].T / 2
            odds = angle.exp()  # of at most a half: nothing overflows, and no digit is lost below
            total += (weight * ((1 + odds).log() - same * angle)).sum()
            slope = weight * (odds / (1 + odds) - same)
            # Within a side a pair is met from both its ends; across it is met once.
            slopes[one][part].addmm_(slope, vectors[two], alpha=1 if one == two else 0.5)
            if one != two:
                slopes[two].addmm_(slope.T, vectors[one][part], alpha=0.5)
    scale = known.sum().clamp(min=1).square()
    return total / scale, gradient.div_(scale)
