"""A network in calls: each part in its own number of rows, and the same numbers as at once."""

import pytest
import torch
from torch import nn

from extract.backbone import USUAL, Calls, Network
from extract.calls import memory_format, run, usual
from extract.catalogue import build

CPU = torch.device("cpu")
ROWS = {"alexnet": 80, "vgg16": 40, "resnet18": 10, "mobilenet_v2": 10, "squeezenet1_1": 10}


class Watched(nn.Module):
    """Notes how many rows each call takes."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.rows = inner, []

    def forward(self, rows):
        self.rows.append(len(rows))
        return self.inner(rows)


def network(calls=USUAL):
    torch.manual_seed(0)
    trunk = Watched(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
    head = Watched(nn.Sequential(nn.Flatten(), nn.Linear(144, 5)))
    return Network(trunk, head, calls, classifier=nn.Linear(5, 2))


@pytest.mark.parametrize(
    ("layer", "calls", "trunk", "head"),
    [
        ("pooled", Calls(3, 8), [3, 3, 3, 2], [8, 3]),
        ("pooled", Calls(8, 3), [8, 3], [3, 3, 3, 2]),
        ("pooled", Calls.both(4), [4, 4, 3], [4, 4, 3]),
        ("pooled", Calls.both(99), [11], [11]),
        ("grid", Calls(3, 8), [3, 3, 3, 2], []),
        ("scores", Calls(3, 8), [3, 3, 3, 2], [8, 3]),
        ("scores", Calls.both(4), [4, 4, 3], [4, 4, 3]),
    ],
)
def test_each_part_has_calls_of_its_own(layer, calls, trunk, head):
    own, crops = network(), torch.randn(11, 3, 8, 8)
    expected = torch.cat([own(crop[None], layer) for crop in crops])
    own.trunk.rows, own.head.rows = [], []
    (found,) = run(own, crops, (layer,), CPU, calls)
    assert (own.trunk.rows, own.head.rows) == (trunk, head)
    torch.testing.assert_close(found, expected)


def test_the_usual_is_the_networks_own_on_a_cpu():
    assert usual(network(Calls(2, 7)), CPU) == Calls(2, 7)
    assert usual(network(Calls(2, 7)), torch.device("cuda")) == Calls(128, 128)
    assert usual(network(), CPU) == USUAL


@pytest.mark.parametrize("name", ROWS)
def test_heads_with_weights_are_called_with_more_rows(name):
    calls = build(name, "random").module.calls
    assert calls.head == max(ROWS[name], calls.trunk)
    assert calls.trunk <= 10


def test_channels_come_last_on_a_cpu_alone():
    assert memory_format(CPU) == torch.channels_last
    for other in ("cuda", "mps"):
        assert memory_format(torch.device(other)) == torch.contiguous_format


def test_what_gives_vectors_at_once_has_no_grid_and_needs_none():
    whole = Network(nn.Sequential(nn.Flatten(), nn.Linear(12, 5)), nn.Identity())
    crops = torch.randn(4, 3, 2, 2)
    (found,) = run(whole, crops, ("pooled",), CPU, Calls.both(3))
    torch.testing.assert_close(found, whole.trunk(crops))
