"""Every loss is finite and differentiable, and refuses unknown options."""

from inspect import signature

import pytest
import torch

from core.errors import SettingError
from core.plugins import load, names
from train.measured import Measured
from train.recipe import resolve

LOSSES = names("train.losses")
DIM, CLASSES = 6, ("cat", "dog", "owl")
MEASURED = Measured(shapes={"image": (1, 7)}, classes=CLASSES, instances=16)


@pytest.fixture(params=LOSSES)
def plugin(request):
    return load("train.losses", request.param)


def build(plugin):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return plugin.build(plugin.Options(), measured=MEASURED, dim=DIM)


def inputs(plugin, ids):
    """What the loss takes, by the names of its parameters; what its file's ``example`` gives."""
    own = plugin.example(len(ids)) if hasattr(plugin, "example") else {}
    draw = torch.Generator().manual_seed(len(ids))
    made = {}
    for name in signature(build(plugin).forward).parameters:
        if name in own:
            made[name] = own[name]
        elif name.endswith("_id"):
            made[name] = torch.tensor(ids)
        elif name == "label":
            made[name] = torch.eye(len(CLASSES), dtype=torch.bool)[torch.tensor(ids) % len(CLASSES)]
        else:
            vectors = torch.randn(len(ids), DIM, generator=draw)
            made[name] = torch.nn.functional.normalize(vectors, dim=1)
    return {n: v.requires_grad_() if v.is_floating_point() else v for n, v in made.items()}


@pytest.mark.parametrize("ids", [[0], [0, 1], [3, 3, 3], [0, 1, 0, 2, 1], list(range(16))])
def test_a_finite_value_with_a_finite_gradient(plugin, ids):
    loss, given = build(plugin), inputs(plugin, ids)
    assert isinstance(loss, torch.nn.Module)
    value = loss(**given)
    assert value.shape in {(), (len(ids),)}
    assert torch.isfinite(value).all()
    learn = [v for v in (*given.values(), *loss.parameters()) if v.requires_grad]
    assert learn
    for gradient in torch.autograd.grad(value.mean(), learn):
        assert torch.isfinite(gradient).all()


def test_the_order_of_the_batch_changes_nothing(plugin):
    given = inputs(plugin, [0, 1, 1, 2, 3, 0, 4])
    order = torch.tensor([4, 2, 6, 0, 1, 5, 3])
    loss = build(plugin)
    here, there = loss(**given), loss(**{name: value[order] for name, value in given.items()})
    torch.testing.assert_close(here[order] if here.ndim else here, there)


def test_how_many_numbers_it_sums_follows_from_what_forward_takes(plugin):
    summed = getattr(build(plugin), "summed", None)
    if summed is None:
        pytest.skip("it has a mean, or a cost an example")
    takes = set(signature(summed).parameters)
    assert takes <= set(signature(build(plugin).forward).parameters)
    given = inputs(plugin, [0, 1, 1, 2])
    assert int(summed(**{name: given[name] for name in takes})) > 0
    assert build(plugin)(**given).ndim == 0, "what is a cost an example is no sum"


def test_a_nan_is_not_hidden(plugin):
    loss, given = build(plugin), inputs(plugin, [0, 1, 2])
    for name, value in given.items():
        if value.is_floating_point():
            broken = value.detach().clone()
            broken[1].view(-1)[0] = float("nan")
            assert not torch.isfinite(loss(**{**given, name: broken}).mean()), name


def test_the_same_seed_builds_the_same_weights(plugin):
    one, other = build(plugin).state_dict(), build(plugin).state_dict()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_options_are_refused(name):
    with pytest.raises(SettingError, match=r"loss\.one\.nonsense"):
        resolve({"loss": {"one": {"name": name, "nonsense": 1}}})
