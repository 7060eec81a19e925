"""How well each item tells its own pair from all else of a batch, both sides, in blocks of rows."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from train.likelihood import CELLS


def contrast(
    image: Tensor, caption: Tensor, out: Tensor | None, temperature: float, *, cells: int = CELLS
) -> Tensor:
    """The mean over all 2 B items of -log p of the other side of their pair.

    ``-log [exp(s_xy / t) / sum_z exp(s_xz / t)]`` with ``s`` the inner product, ``y`` the other
    side of x's pair, and ``z`` all items of both sides but x itself: NT-Xent (Chen et al. 2020,
    equation 1) of a picture and its caption. Its gradient is computed with it, a block of rows at
    a time, so that memory does not grow with the square of the batch.

    Args:
        image: (B, D) float, unit vectors; row b belongs to caption b.
        caption: (B, D) float, unit vectors.
        out: (B,) int64; items of rows that are equal there are not among each other's ``z``, but
            for their pair. None: all are.
        temperature: t, above 0.
        cells: so many similarities at once.

    Returns:
        () float, at least 0; 0 of one pair alone.
    """
    both = torch.cat([image, caption])
    found: Tensor = _Contrast.apply(both, out, temperature, cells)
    return found


class _Contrast(Function):
    """(2 B, D) unit vectors, images first -> (); twice differentiable it is not.

    What is kept for the way back is the gradient alone, (2 B, D).
    """

    @staticmethod
    def forward(
        ctx: Any, both: Tensor, out: Tensor | None, temperature: float, cells: int
    ) -> Tensor:
        """Some rows at a time against all; the gradient of a row's share goes to both of it."""
        many = len(both)
        place = torch.arange(many, device=both.device)
        pair = place.roll(many // 2)
        group = place if out is None else torch.cat([out, out])
        total, gradient = both.new_zeros(()), torch.zeros_like(both)
        for here in torch.split(place, max(1, cells // max(1, many))):
            logits = both[here] @ both.T / temperature
            own = pair[here, None] == place
            logits.masked_fill_((group[here, None] == group) & ~own, -torch.inf)
            every = logits.logsumexp(1)
            total += (every - logits.gather(1, pair[here, None])[:, 0]).sum()
            slope = (logits - every[:, None]).exp_() - own.to(both.dtype)
            gradient[here] += slope @ both
            gradient += slope.T @ both[here]
        ctx.save_for_backward(gradient.div_(many * temperature))
        return total / many

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        """As ``forward`` found it."""
        (gradient,) = ctx.saved_tensors
        return grad * gradient, None, None, None
