"""How likely it is that two items share a class, by the angle between them, in blocks of pairs."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import normalize, softplus

CELLS = 2**20
"""So many pairs are in memory at once: of a batch of 100 all 200 x 200, of a large one few rows."""
SHORTEST = 1e-3
"""A norm counts as no less, so that a product of two is at least 1e-6, as in the public code."""


def common_space(image: Tensor, caption: Tensor, label: Tensor, *, cells: int = CELLS) -> Tensor:
    """J2 of DSCMR (Zhen et al. 2019): sum over pairs of -log P(S | angle), both sides and across.

    ``(1 / n^2) sum_ij [log(1 + e^G_ij) - S_ij G_ij]`` with ``G_ij = cos(x_i, y_j) / 2``, of image
    and caption, of image and image, and of caption and caption, added up; a pair of an item with
    itself is among them, and ``n`` is how many rows have a label. ``S_ij`` is 1 where rows i and j
    share a label, however many: the public code counts them, which is the same where each item has
    one. It is computed as ``softplus``, and its gradient with it, so that memory does not grow with
    the square of the batch.

    Args:
        image: (B, D) float, of any length; row b belongs to caption b.
        caption: (B, D) float.
        label: (B, C) bool; a row without any takes no part.
        cells: so many pairs at once.

    Returns:
        () float, at least 0; 0 without labels.
    """
    both = normalize(torch.cat([image, caption]), dim=1, eps=SHORTEST)
    found: Tensor = _Pairs.apply(both, label, cells)
    return found


class _Pairs(Function):
    """(2 B, D) unit vectors, images first, and labels (B, C) -> (); twice differentiable it is not.

    What is kept for the way back is the gradient alone, (2 B, D).
    """

    @staticmethod
    def forward(ctx: Any, both: Tensor, label: Tensor, cells: int) -> Tensor:
        """Rows of one side at a time against all of both sides; each pair across is met twice."""
        classes = label.to(both.dtype)
        known = label.any(1).to(both.dtype)
        many, rows = len(label), max(1, cells // max(1, 2 * len(label)))
        total, gradient = both.new_zeros(()), torch.zeros_like(both)
        for side in (0, 1):
            # What is within a side counts as it is, and across by halves: it is met from both.
            counts = torch.stack([(1 + (1 if side == k else 0)) / 2 * known for k in (0, 1)])
            for start in range(0, many, rows):
                part = slice(start, min(start + rows, many))
                here = slice(side * many + part.start, side * many + part.stop)
                angle = (both[here] @ both.T / 2).view(-1, 2, many)
                same = (classes[part] @ classes.T > 0).to(both.dtype)[:, None]
                weight = counts * known[part, None, None]
                total += (weight * (softplus(angle) - same * angle)).sum()
                slope = weight * (angle.sigmoid() - same)
                gradient[here] = slope.flatten(1) @ both
        scale = known.sum().clamp(min=1).square()
        ctx.save_for_backward(gradient.div_(scale))
        return total / scale

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        """Both rows of a pair have it in their gradient; a pair met twice was halved."""
        (gradient,) = ctx.saved_tensors
        return grad * gradient, None, None
