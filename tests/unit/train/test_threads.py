"""Several threads give the same bits each time: no gradient is added up in the order of a race."""

from collections.abc import Callable
from inspect import signature

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from core.plugins import load, names
from train.building import threads
from train.distinct import of_rows
from train.measured import Measured
from train.mixup import Mixup

REPEATS = 12
PICTURES, CAPTIONS, WIDTH = 200, 1000, 256


@pytest.fixture(autouse=True)
def _four_threads():
    with threads(4):
        yield


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


def gradients(vectors: Tensor, loss: Callable[[Tensor], Tensor]) -> list[Tensor]:
    found = []
    for _ in range(REPEATS):
        leaf = vectors.clone().requires_grad_()
        found += torch.autograd.grad(loss(leaf), leaf)
    return found


def assert_same_bits(found: list[Tensor]) -> None:
    assert all(torch.equal(each, found[0]) for each in found)


def test_of_a_picture_that_several_captions_share() -> None:
    place = torch.arange(CAPTIONS) % PICTURES
    weight = drawn(CAPTIONS, WIDTH)
    assert_same_bits(
        gradients(drawn(PICTURES, WIDTH), lambda x: (of_rows(x, place) * weight).sum())
    )


def test_of_a_partner_that_several_rows_share() -> None:
    torch.manual_seed(0)
    mixup = Mixup.draw(torch.cat([torch.zeros(CAPTIONS - 4), torch.arange(1, 5)]).long(), 1.0)
    weight = drawn(CAPTIONS, WIDTH)
    assert_same_bits(gradients(drawn(CAPTIONS, WIDTH), lambda x: (mixup.of(x) * weight).sum()))


@pytest.mark.parametrize("name", names("train.losses"))
def test_of_every_loss(name: str) -> None:
    plugin = load("train.losses", name)
    loss = plugin.build(plugin.Options(), measured=Measured({}, instances=60), dim=32)
    if set(signature(loss.forward).parameters) != {"image", "caption", "image_id"}:
        pytest.skip("it takes other outputs")
    ids = torch.arange(300) % 60
    both = drawn(2, 300, 32)
    assert_same_bits(gradients(both, lambda x: loss(*normalize(x, dim=2), ids).square().sum()))
