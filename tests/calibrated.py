"""A backbone of random weights whose batch norms know the values that they meet."""

import torch
from torch import nn
from torch.nn.functional import interpolate

from extract.catalogue import build


def calibrated(name):
    """The network with random affine maps; its norms' statistics are those of a few crops.

    Fresh statistics would let the values of a deep network grow or vanish, and fresh affine maps
    would hide which norm is where.
    """
    network = build(name, "random").module
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    draw = torch.Generator().manual_seed(1)
    for norm in norms:
        norm.weight.copy_(torch.rand(norm.weight.shape, generator=draw) + 0.5)
        norm.bias.copy_(torch.randn(norm.bias.shape, generator=draw) * 0.2)
        norm.momentum, norm.training = None, True
        norm.reset_running_stats()
    network(blotches(8, 96, seed=2), "pooled")
    for norm in norms:
        norm.eval()
    return network


def blotches(count, size, seed=0):
    """Crops (count, 3, size, size) that a network tells apart better than plain noise."""
    draw = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 4, 4, generator=draw)
    fine = torch.randn(count, 3, size, size, generator=draw)
    return interpolate(coarse, (size, size), mode="bilinear") + 0.3 * fine


def errors(found, exact):
    """The norm of the error of each row over the norm of the row: (N,) float64."""
    wrong = (found.double() - exact).flatten(1).norm(dim=1)
    return wrong / exact.flatten(1).norm(dim=1)
