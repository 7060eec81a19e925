"""A step of the GRU of Cho et al. 2014 in torch's form, and its gradient."""

from collections.abc import Sequence

import torch
from torch import Tensor


class GRUCell:
    """r, z = sigmoid(x + W h + b), n = tanh(x_n + r (W_n h + b_n)), h' = n + z (h - n).

    Attributes:
        arrays: how many numbers a state has for each of ``hidden_size``: h alone.
    """

    arrays = 1

    @staticmethod
    def forward(
        gates: Tensor, product: Tensor, before: Tensor, into: Sequence[Tensor]
    ) -> tuple[Tensor, ...]:
        """The M states after a word.

        Args:
            gates: (M, 3H), x of r, z and n, with their biases; overwritten.
            product: (M, 3H), W h + b.
            before: (M, H), h.
            into: h' (M, H), to be written.

        Returns:
            What ``backward`` takes as ``kept``.
        """
        size = before.shape[1]
        rz, new = gates[:, : 2 * size], gates[:, 2 * size :]
        inner = product[:, 2 * size :]
        rz.add_(product[:, : 2 * size]).sigmoid_()
        new.addcmul_(rz[:, :size], inner).tanh_()
        torch.lerp(new, before, rz[:, size:], out=into[0])
        return gates, inner

    @staticmethod
    def backward(
        grads: Sequence[Tensor], kept: Sequence[Tensor], before: Tensor, d_gates: Tensor
    ) -> Tensor:
        """The gradient of a step.

        Args:
            grads: of h' (M, H).
            kept: what ``forward`` gave.
            before: (M, H), as ``forward`` had it.
            d_gates: (M, 3H), written: the gradient of x.

        Returns:
            (M, H), that of h but by way of W h.
        """
        (grad,), (gates, inner) = grads, kept
        r, z, n = gates.chunk(3, dim=1)
        d_r, d_z, d_n = d_gates.chunk(3, dim=1)
        d_before = grad * z
        torch.sub(grad, d_before, out=d_n)
        torch.ops.aten.tanh_backward.grad_input(d_n, n, grad_input=d_n)
        torch.sub(before, n, out=d_z).mul_(grad)
        torch.ops.aten.sigmoid_backward.grad_input(d_z, z, grad_input=d_z)
        torch.mul(d_n, inner, out=d_r)
        torch.ops.aten.sigmoid_backward.grad_input(d_r, r, grad_input=d_r)
        return d_before

    @staticmethod
    def of_product(d_gates: Tensor, kept: Sequence[Tensor]) -> None:
        """Turn the gradient of x (M, 3H) into that of W h + b, in place."""
        gates = kept[0]
        size = gates.shape[1] // 3
        d_gates[:, 2 * size :].mul_(gates[:, :size])
