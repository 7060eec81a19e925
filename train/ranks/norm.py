"""Batch norm over the ranks: the statistics are those of the whole batch (Peng et al. 2018)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm

from train.precision import full
from train.ranks.chance import counts
from train.ranks.wires import Wires


class AcrossRanks(_BatchNorm):
    """A batch norm with the weights, the buffers and the name of another; in eval mode as it."""

    def __init__(self, norm: _BatchNorm, wires: Wires):
        """In the place of ``norm``, whose tensors it takes."""
        super().__init__(norm.num_features, norm.eps, norm.momentum, norm.affine)
        self.track_running_stats = norm.track_running_stats
        self._parameters, self._buffers = norm._parameters, norm._buffers
        self._wires = wires
        self.train(norm.training)

    def _check_input_dim(self, input: Tensor) -> None:
        """What it takes is said by the one in whose place it is."""

    def forward(self, input: Tensor) -> Tensor:
        """(n, F, ...) -> the same; all ranks together, in train mode."""
        if not self.training:
            return super().forward(input)
        input = full(input)
        over = [axis for axis in range(input.ndim) if axis != 1]
        shape = [1, -1] + [1] * (input.ndim - 2)
        share = float(counts())
        number = input.new_full((1,), share * input.numel() / self.num_features)
        told = torch.cat([share * input.sum(over), number])
        *sums, many = _Summed.apply(told, self._wires).split([self.num_features, 1])
        mean = sums[0] / many
        apart = input - mean.view(shape)
        variance = _Summed.apply(share * apart.square().sum(over), self._wires) / many
        self._follow(mean.detach(), variance.detach() * many / (many - 1))
        scaled: Tensor = apart * (variance + self.eps).rsqrt().view(shape)
        if self.affine:
            scaled = scaled * self.weight.view(shape) + self.bias.view(shape)
        return scaled

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        """Take in what this batch measured, as torch's own does."""
        if self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None, "it is there where the others are"
        self.num_batches_tracked.add_(1)
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)


def across(task: nn.Module, wires: Wires) -> None:
    """Put an ``AcrossRanks`` in the place of each batch norm below ``task``."""
    for parent in list(task.modules()):
        for name, module in parent.named_children():
            if isinstance(module, _BatchNorm):
                setattr(parent, name, AcrossRanks(module, wires))


class _Summed(Function):
    """The sum over all ranks; what each does with it is added up on the way back."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, wires: Wires) -> Tensor:
        """Of the same shape."""
        ctx.wires = wires
        return wires.summed(own)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        """Each rank's own share of the loss depends on it."""
        return ctx.wires.summed(grad), None
