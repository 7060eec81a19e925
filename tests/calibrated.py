"""A backbone of random weights whose batch norms know the values that they meet."""

import torch
from torch.nn.functional import interpolate

from benchmarks.errors import calibrate
from extract.catalogue import build


def calibrated(name):
    """The network with random affine maps; its norms' statistics are those of a few crops.

    Fresh statistics would let the values of a deep network grow or vanish, and fresh affine maps
    would hide which norm is where.
    """
    network = build(name, "random").module
    calibrate(network, blotches(8, 96, seed=2))
    return network


def blotches(count, size, seed=0):
    """Crops (count, 3, size, size) that a network tells apart better than plain noise."""
    draw = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 4, 4, generator=draw)
    fine = torch.randn(count, 3, size, size, generator=draw)
    return interpolate(coarse, (size, size), mode="bilinear") + 0.3 * fine
