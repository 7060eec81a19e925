"""Every optimiser descends, takes a rate a group, and goes on where it was."""

import pytest
import safetensors.torch
import torch
from torch import nn

from core.errors import SettingError
from core.plugins import load, names
from train.phases import Phase
from train.rates import Rated
from train.recipe import resolve

PACKAGE = "train.optimisers"
OPTIMISERS = names(PACKAGE)
RATES = {"b": 0.5}


def rated(name, weights, rates=RATES):
    plugin = load(PACKAGE, name)
    options = plugin.Options()
    phase = Phase("one", 1, 1, {}, lambda g: plugin.build(options, g), lambda d, s: 1.0, 0, rates)
    made = Rated(weights, [phase])
    made.scale(phase, 1.0)
    return made


def begin():
    draw = torch.Generator().manual_seed(3)
    shapes = {"a": (4, 3), "b": (5,), "c": ()}
    return {
        name: nn.Parameter(torch.randn(shape, generator=draw)) for name, shape in shapes.items()
    }


def distance(weights, shift=0.0):
    """A bowl around 3, whose place may move from step to step."""
    return sum((weight - 3 - shift).square().sum() for weight in weights.values())


def descend(made, weights, steps):
    for step in steps:
        made.optimiser.zero_grad(set_to_none=True)
        distance(weights, shift=step % 3).backward()
        made.optimiser.step()


@pytest.fixture(params=OPTIMISERS)
def name(request):
    return request.param


def test_it_has_a_rate_and_every_group_begins_with_it(name):
    plugin = load(PACKAGE, name)
    rate = plugin.Options().lr
    assert rate > 0
    made = plugin.build(plugin.Options(lr=rate * 2), [{"params": [w]} for w in begin().values()])
    assert isinstance(made, torch.optim.Optimizer)
    assert [group["lr"] for group in made.param_groups] == [rate * 2] * 3


def test_it_descends(name):
    weights = begin()
    before, made = distance(weights).item(), rated(name, weights)
    for _ in range(20):
        made.optimiser.zero_grad()
        distance(weights).backward()
        made.optimiser.step()
    assert distance(weights).item() < before


def test_a_group_of_a_smaller_share_moves_less(name):
    ones = {key: nn.Parameter(torch.zeros(3)) for key in ("a", "b")}
    descend(rated(name, ones, {"b": 0.125}), ones, [0])
    moved = {key: weight.detach().abs().max() for key, weight in ones.items()}
    assert 0 < moved["b"] < moved["a"]


def test_a_weight_without_a_gradient_stands_still(name):
    weights = begin()
    made = rated(name, weights)
    descend(made, weights, [0, 1])
    weights["c"].requires_grad_(False)
    kept = weights["c"].clone()
    descend(made, weights, [2, 3])
    assert torch.equal(weights["c"], kept)


@pytest.mark.parametrize("after", [0, 1, 4])
def test_restored_in_mid_course_equals_uninterrupted(name, after):
    whole = begin()
    course = rated(name, whole)
    descend(course, whole, range(after))
    kept = {key: value.clone().contiguous() for key, value in course.tensors().items()}
    assert all(isinstance(value, torch.Tensor) for value in kept.values())
    again = {key: nn.Parameter(weight.detach().clone()) for key, weight in whole.items()}
    resumed = rated(name, again)
    resumed.restore(safetensors.torch.load(safetensors.torch.save(kept)))
    for made, weights in ((course, whole), (resumed, again)):
        descend(made, weights, range(after, 8))
    assert all(torch.equal(again[key], whole[key]) for key in whole)
    ours, theirs = resumed.tensors(), course.tensors()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_unknown_options_are_refused(name):
    with pytest.raises(SettingError, match=r"optimiser\.nonsense"):
        resolve({"optimiser": {"name": name, "nonsense": 1}})
    with pytest.raises(SettingError, match=r"lr = 0"):
        resolve({"optimiser": {"name": name, "lr": 0}})
