"""A batch norm folded into the convolution before it: one affine map a channel less."""

import torch
from torch import Tensor, nn


def folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d | None) -> tuple[Tensor, Tensor | None]:
    """Weight and bias of the one convolution that computes both, in eval mode.

    With g, b, m, v the norm's weight, bias, mean and variance, and s = g / sqrt(v + eps): the
    weight is W * s, the bias (B - m) * s + b (Ioffe and Szegedy 2015, algorithm 2). They are
    computed in float64 and rounded once.

    Args:
        convolution: weight (out, in / groups, H, W) float32.
        norm: with running statistics; without one the convolution's own are given.

    Returns:
        Weight (out, in / groups, H, W) and bias (out,), float32.
    """
    if norm is None or norm.running_mean is None or norm.running_var is None:
        return convolution.weight, convolution.bias
    scale = (norm.running_var.double() + norm.eps).rsqrt()
    if norm.weight is not None:
        scale = scale * norm.weight.double()
    moved = -norm.running_mean.double()
    if convolution.bias is not None:
        moved = moved + convolution.bias.double()
    bias = moved * scale
    if norm.bias is not None:
        bias = bias + norm.bias.double()
    weight = convolution.weight.double() * scale[:, None, None, None]
    return weight.float(), bias.float()


def can_fold(norm: nn.Module) -> bool:
    """Whether a module is a batch norm with statistics that no batch changes."""
    usual = type(norm) is nn.BatchNorm2d and not norm.training
    return usual and isinstance(norm.running_mean, Tensor) and isinstance(norm.running_var, Tensor)


def can_lay_out(convolution: nn.Module) -> bool:
    """Whether a module is a convolution that oneDNN's operators compute: zeros around, float32."""
    usual = type(convolution) is nn.Conv2d and convolution.padding_mode == "zeros"
    padding = usual and not isinstance(convolution.padding, str)
    return padding and convolution.weight.dtype == torch.float32
