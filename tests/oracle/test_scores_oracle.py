"""The layer `scores` against torchvision's own `model(x)`, by plain torch and by the engine."""

import copy

import pytest
import torch
from torchvision.models import get_model

from benchmarks.errors import errors
from extract.catalogue import build
from extract.engine.choice import fused
from tests.calibrated import blotches

FAMILIES = ["alexnet", "densenet121", "mobilenet_v2", "resnet18", "squeezenet1_1", "vgg16"]
MOST = 1.5
"""Times the error of torchvision's model in float32, which is that of rounding."""
LAST = torch.channels_last


def theirs(name):
    """torchvision's model as it comes, with the weights that `random` has."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return get_model(name, weights=None).eval()


@pytest.mark.parametrize("name", FAMILIES)
def test_they_are_what_torchvisions_model_gives(name):
    batch, model, own = blotches(3, 96), theirs(name), build(name, "random")
    assert own.layers["scores"] == (1000,)
    with torch.inference_mode():
        exact = copy.deepcopy(model).double()(batch.double())
        assert torch.equal(own.module(batch, "scores"), model(batch))
        plain, batch = own.module.to(memory_format=LAST), batch.contiguous(memory_format=LAST)
        expected = model.to(memory_format=LAST)(batch)
    assert torch.equal(plain(batch, "scores"), expected)
    fast = fused(plain, crop=96, calls=plain.calls, layers=("scores",))
    found, rounding = fast(batch, "scores"), errors(expected, exact).norm()
    assert 0 < errors(found, exact).norm() <= MOST * rounding < 1e-4
    assert torch.equal(fast(batch, "scores"), found)
    assert errors(fast(batch[:1], "scores"), exact[:1]) < 1e-4
    assert (expected[0] - expected[1]).norm() > 1e-2 * expected[0].norm()
