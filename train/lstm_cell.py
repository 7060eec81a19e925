"""A step of the LSTM (Hochreiter and Schmidhuber 1997) in torch's form, and its gradient."""

from collections.abc import Sequence

import torch
from torch import Tensor


class LSTMCell:
    """i, f, o = sigmoid(x + W h + b), g = tanh(x + W h + b), c' = f c + i g, h' = o tanh(c').

    Attributes:
        arrays: how many numbers a state has for each of ``hidden_size``: h and c.
    """

    arrays = 2

    @staticmethod
    def forward(
        gates: Tensor, product: Tensor, before: Tensor, into: Sequence[Tensor]
    ) -> tuple[Tensor, ...]:
        """The M states after a word.

        Args:
            gates: (M, 4H), x of i, f, g and o, with their biases; overwritten.
            product: (M, 4H), W h + b.
            before: (M, H), c.
            into: h' and c' (M, H), to be written.

        Returns:
            What ``backward`` takes as ``kept``.
        """
        size = before.shape[1]
        gates.add_(product)
        i, f, g, o = gates.chunk(4, dim=1)
        gates[:, : 2 * size].sigmoid_()
        g.tanh_()
        o.sigmoid_()
        torch.mul(f, before, out=into[1]).addcmul_(i, g)
        told = torch.tanh(into[1])
        torch.mul(o, told, out=into[0])
        return gates, told

    @staticmethod
    def backward(
        grads: Sequence[Tensor], kept: Sequence[Tensor], before: Tensor, d_gates: Tensor
    ) -> Tensor:
        """The gradient of a step.

        Args:
            grads: of h' and c' (M, H).
            kept: what ``forward`` gave.
            before: (M, H), as ``forward`` had it.
            d_gates: (M, 4H), written: the gradient of x.

        Returns:
            (M, H), that of c.
        """
        (d_h, d_c), (gates, told) = grads, kept
        i, f, g, o = gates.chunk(4, dim=1)
        d_i, d_f, d_g, d_o = d_gates.chunk(4, dim=1)
        torch.mul(d_h, told, out=d_o)
        torch.ops.aten.sigmoid_backward.grad_input(d_o, o, grad_input=d_o)
        d_cell = torch.ops.aten.tanh_backward(d_h * o, told).add_(d_c)
        torch.mul(d_cell, g, out=d_i)
        torch.ops.aten.sigmoid_backward.grad_input(d_i, i, grad_input=d_i)
        torch.mul(d_cell, before, out=d_f)
        torch.ops.aten.sigmoid_backward.grad_input(d_f, f, grad_input=d_f)
        torch.mul(d_cell, i, out=d_g)
        torch.ops.aten.tanh_backward.grad_input(d_g, g, grad_input=d_g)
        found: Tensor = d_cell.mul_(f)
        return found

    @staticmethod
    def of_product(d_gates: Tensor, kept: Sequence[Tensor]) -> None:
        """The gradient of W h + b is that of x."""
        del d_gates, kept
