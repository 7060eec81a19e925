"""The fused engine's error against float64, beside plain torch's, on each kind of network."""

import copy
import os
from pathlib import Path

import pytest
import torch
from PIL import Image as Pillow

from benchmarks.errors import errors
from extract.catalogue import build
from extract.engine.choice import fused
from extract.families import names
from extract.images import crops
from tests.calibrated import blotches, calibrated

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
PICTURES = DATA / "flickr8k" / "images"
WEIGHTS = DATA.parent / "weights"
THERE = PICTURES.is_dir() and WEIGHTS.is_dir()
FAMILIES = ["alexnet", "densenet121", "mobilenet_v2", "resnet18", "squeezenet1_1"]
ROWS = 16
"""From so many crops on, plain torch computes every convolution with oneDNN on one thread too."""
MOST = 1.1
"""Times plain torch's error, which is that of rounding: chance makes a few hundredths."""


def check(network, batch):
    """Of no layer is the error larger than plain torch's, nor is that of one crop alone."""
    exact = copy.deepcopy(network).double()
    plain = network.to(memory_format=torch.channels_last)
    batch = batch.contiguous(memory_format=torch.channels_last)
    own = fused(plain, crop=batch.shape[-1], calls=plain.calls, layers=plain.layers)
    for layer in plain.layers:
        expected = exact(batch.double(), layer)
        found = own(batch, layer)
        before, now = errors(plain(batch, layer), expected), errors(found, expected)
        assert 0 < now.norm() <= MOST * before.norm(), f"{layer}: {now} for {before}"
        assert now.max() < 1e-3  # depth amplifies rounding, in plain torch too
        assert torch.equal(own(batch, layer), found)
        alone = own(batch[:1], layer)
        assert errors(alone, expected[:1]) <= 2 * before.max()


@pytest.mark.parametrize("name", FAMILIES)
def test_the_error_is_no_larger_than_that_of_plain_torch(name):
    check(calibrated(name), blotches(ROWS, 96))


@pytest.mark.parametrize("name", FAMILIES)
def test_crops_a_call_change_no_bit_of_the_maps(name):
    batch = blotches(11, 64).contiguous(memory_format=torch.channels_last)
    plain = calibrated(name).to(memory_format=torch.channels_last)
    own = fused(plain, crop=64, calls=plain.calls, layers=("grid",))
    maps = own.maps(batch)
    for size in (1, 5, 10):
        assert torch.equal(torch.cat([own.maps(part) for part in batch.split(size)]), maps)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted({*names()} - {*FAMILIES}))
def test_the_error_of_the_larger_ones(name):
    check(calibrated(name), blotches(ROWS, 96))


@pytest.mark.real
@pytest.mark.skipif(not THERE, reason=f"{PICTURES} is not there: set TENCROP_DATA")
@pytest.mark.parametrize("name", ["mobilenet_v2", "squeezenet1_1"])
def test_the_error_with_real_weights_on_photographs(name):
    backbone = build(name, str(WEIGHTS / f"{name}.safetensors"))
    paths = sorted(PICTURES.glob("*.jpg"))[: ROWS * 250 : 250]
    batch = [crops(Pillow.open(path).convert("RGB"), backbone.transform, 1) for path in paths]
    check(backbone.module, torch.cat(batch))
