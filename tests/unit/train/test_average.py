"""The moving average of the weights: what is validated, kept, and gone on from."""

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from train_fakes import make_world, rising, warmed

from core.errors import SettingError
from tests.interruption import assert_same_run, interrupted_at
from train.average import Average
from train.recipe import resolve

OPTIONS = ("epochs=3", "batch_size=14", "image.dropout=0.2")


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path)


def model(run):
    return safetensors.torch.load_file(run / "model.safetensors")


def test_it_is_the_weighted_sum_of_what_the_weights_were():
    weight = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    average, were = Average({"w": weight}, 0.75), [weight.detach().clone()]
    for step in range(40):
        with torch.no_grad():
            weight += step
        average.step()
        were.append(weight.detach().clone())
    decays = [min(0.75, (1 + n) / (10 + n)) for n in range(40)]
    assert decays[0] == 0.1
    assert decays.index(0.75) == 26
    shares = [1.0, *(1 - decay for decay in decays)]
    expected = sum(
        share * np.prod(decays[n:]) * own
        for n, (share, own) in enumerate(zip(shares, were, strict=True))
    )
    with average.in_place():
        torch.testing.assert_close(weight.detach(), expected, rtol=0, atol=1e-12)
    assert torch.equal(weight.detach(), were[-1])


def test_the_weights_come_back_after_an_error():
    weight = nn.Parameter(torch.ones(2))
    average = Average({"w": weight}, 0.5)
    with torch.no_grad():
        weight += 1
    with pytest.raises(KeyError), average.in_place():
        raise KeyError
    assert torch.equal(weight.detach(), torch.full((2,), 2.0))


@pytest.mark.parametrize("moment", [(1, 1), (1, 3), (2, 2), (3, 1)])
def test_resumed_equals_uninterrupted(world, tmp_path, moment):
    options = (*OPTIONS, "average=0.9")
    world.train(tmp_path / "whole", *options, recipe=warmed(), validate=rising)
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        world.train(
            run,
            *options,
            recipe=warmed(),
            validate=rising,
            progress=interrupted_at(*moment),
            save_every=0.0,
        )
    world.train(run, *options, recipe=warmed(), validate=rising)
    assert_same_run(run, tmp_path / "whole")


def test_the_model_is_the_average_and_the_training_goes_by_the_weights(world, tmp_path):
    seen = []

    def validate(prediction):
        seen.append(torch.from_numpy(prediction.image.value).clone())
        return {"score": float(len(seen)), "rsum": 0.0}

    for name, decay in (("none", "0"), ("little", "0.01"), ("much", "0.999")):
        world.train(tmp_path / name, *OPTIONS, f"average={decay}", validate=validate)
    none, little, much = (model(tmp_path / name) for name in ("none", "little", "much"))
    assert none.keys() == little.keys() == much.keys()
    weight = "task.image.project.weight"
    torch.testing.assert_close(little[weight], none[weight], rtol=0, atol=1e-3)
    assert not torch.equal(little[weight], none[weight])
    assert (much[weight] - none[weight]).norm() > 10 * (little[weight] - none[weight]).norm()
    assert not torch.allclose(seen[2], seen[8], atol=1e-3)


def test_a_decay_of_one_is_refused():
    with pytest.raises(SettingError, match="average"):
        resolve({"average": 1.0})
