"""A linear layer with a large weight: what a step multiplies is multiplied by oneDNN on a CPU.

Only what learns goes that way: a vector that is computed to be compared has the numbers of
``torch.nn.Linear``.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from train.products import fits, product


class LargeLinear(nn.Linear):
    """``torch.nn.Linear``: it begins with the same weights, under the same names."""

    def forward(self, input: Tensor) -> Tensor:
        """(B, I) float -> (B, O) float; ``input`` is torch's name."""
        if torch.is_grad_enabled() and self._sooner(input):
            found: Tensor = _Products.apply(input, self.weight, self.bias)
            return found
        return super().forward(input)

    def _sooner(self, rows: Tensor) -> bool:
        """Whether oneDNN is to have it; what is compiled, cast or does not fit is torch's."""
        if torch.compiler.is_compiling() or torch.is_autocast_enabled("cpu"):
            return False
        fitting = rows.shape[1:] == (self.in_features,) and rows.dtype == self.weight.dtype
        return fitting and len(rows) > 0 and fits(self.weight)


class _Products(Function):
    """Rows (B, I), a weight (O, I) and a bias (O,) or None -> (B, O)."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """What torch's own layer gives."""
        ctx.save_for_backward(rows, weight)
        return product(rows, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """Of each, where it is wanted."""
        rows, weight = ctx.saved_tensors
        of_rows, of_weight, of_bias = ctx.needs_input_grad
        return (
            product(grad, weight.t()) if of_rows else None,
            product(grad.t(), rows.t()) if of_weight else None,
            grad.sum(0) if of_bias else None,
        )
