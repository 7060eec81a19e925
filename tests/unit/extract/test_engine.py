"""Which engine is taken, what is said where it is another, and the same numbers in each."""

import pytest
import torch
from torch import nn

from core.errors import SettingError
from extract.backbone import Calls, Network
from extract.engine import choice
from extract.engine.choice import AUTO, FUSED, PLAIN, Engine, engine
from extract.engine.operators import Convolution, near

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


def network(trunk=None, head=None):
    torch.manual_seed(0)
    usual = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
    flat = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(), nn.Linear(392, 5), nn.ReLU())
    return Network(trunk or usual, head or flat, Calls(2, 4))


def scored(classifies, classifier):
    plain = network()
    return Network(
        plain.trunk, plain.head, plain.calls, classifier=classifier, classifies=classifies
    )


@pytest.mark.parametrize(
    ("classifies", "classifier"),
    [
        ("pooled", nn.Linear(5, 3)),
        ("grid", nn.Sequential(nn.Conv2d(8, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())),
    ],
)
def test_scores_are_those_of_the_plain_network(classifies, classifier):
    plain, crops = scored(classifies, classifier), torch.randn(3, 3, 16, 16)
    own = take("fused", plain, layer="scores").network
    assert near(own(crops, "scores"), plain(crops, "scores"))
    assert (own.head is plain.head) == (classifies == "grid")
    assert take("fused", plain).network.classifier is classifier


def test_a_classifier_counts_where_it_is_wanted():
    plain = scored("pooled", Untraceable())
    assert "cannot be traced" in take(AUTO, plain, layer="scores").why
    assert take(AUTO, plain).name == FUSED


def take(wanted, given=None, device=CPU, layer="pooled"):
    own = given or network()
    return engine(wanted, network=own, device=device, crop=16, calls=own.calls, layers=(layer,))


class Untraceable(nn.Module):
    def forward(self, maps):
        return maps.relu() if maps.sum() > 0 else maps


class Forgetful(nn.Module):
    """What it gives depends on how often it was called, which no graph knows."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, maps):
        self.calls += 1
        return maps * self.calls


@pytest.mark.parametrize("wanted", [AUTO, "fused", FUSED])
def test_on_a_cpu_it_is_the_fused_one(wanted):
    plain = network()
    found = take(wanted, plain)
    assert (found.name, found.why) == (FUSED, "")
    assert found.network.calls == plain.calls
    assert any(isinstance(part, Convolution) for part in found.network.modules())
    crops = torch.randn(3, 3, 16, 16)
    for layer in ("pooled", "grid"):
        assert near(found.network(crops, layer), plain(crops, layer))
        assert torch.equal(found.network(crops, layer), found.network(crops, layer))


def test_a_grid_needs_no_head():
    plain = network(head=Untraceable())
    assert take("fused", plain, layer="grid").network.head is plain.head
    assert "cannot be traced" in take(AUTO, plain).why


def test_plain_is_the_network_itself():
    plain = network()
    assert take(PLAIN, plain) == Engine(PLAIN, plain, "")
    assert take(AUTO, plain, CUDA) == Engine(PLAIN, plain, "")


def test_what_cannot_be_traced_is_computed_by_plain_torch():
    plain = network(Untraceable())
    found = take(AUTO, plain)
    assert found.network is plain
    assert found.name == PLAIN
    assert found.why.startswith("it cannot be traced (TraceError: ")
    assert "\n" not in found.why


def test_what_comes_out_with_other_numbers_is_not_taken():
    found = take(AUTO, network(Forgetful(), nn.Flatten()))
    assert (found.name, found.why) == (PLAIN, "it came out with other numbers")


class Placed(nn.Module):
    """Adds maps of its own, the same for every crop, to a convolution's."""

    def __init__(self):
        super().__init__()
        self.read = nn.Conv2d(3, 8, 3)
        self.register_buffer("places", torch.randn(1, 3, 16, 16))

    def forward(self, crops):
        return torch.relu(self.read(self.places) + self.read(crops))


def test_maps_of_its_own_are_not_taken_for_those_of_a_crop():
    plain, crops = network(Placed(), nn.Flatten()), torch.randn(3, 3, 16, 16)
    found = take(AUTO, plain)
    assert found.name == FUSED
    assert near(found.network(crops, "pooled"), plain(crops, "pooled"))


@pytest.mark.parametrize("classifies", ["scores", "vectors"])
def test_what_no_classifier_takes_is_refused(classifies):
    with pytest.raises(
        SettingError, match=f"classifies is '{classifies}'; give 'pooled' or 'grid'"
    ):
        scored(classifies, nn.Linear(5, 3))


@pytest.mark.parametrize("calls", [(2, 4), Calls(0, 4), Calls(2, 0)])
def test_calls_that_are_none_are_refused(calls):
    with pytest.raises(SettingError, match="Calls of at least one crop"):
        Network(nn.Identity(), nn.Identity(), calls)


def test_what_gives_nan_is_not_taken_for_wrong():
    class Odd(nn.Module):
        def forward(self, maps):
            return torch.where(maps > 0, torch.nan, maps)

    assert take(AUTO, network(Odd(), nn.Flatten())).name == FUSED


@pytest.mark.parametrize(
    ("wanted", "device", "message"),
    [
        ("fused", CUDA, "it is for a CPU, and the device is cuda:0; use --engine auto"),
        ("fused/77", CPU, f"fused/77 is another version of it, and here is {FUSED}; use"),
        ("winged", CPU, "winged is another version"),
    ],
)
def test_where_it_cannot_be_had_it_is_refused(wanted, device, message):
    with pytest.raises(SettingError, match=f"the fused engine cannot be used: .*{message}"):
        take(wanted, device=device)


def test_where_an_operator_is_missing_plain_torch_computes(monkeypatch):
    monkeypatch.setattr(choice, "missing", lambda: "torch 9 has no such operator")
    assert (take(AUTO).name, take(AUTO).why) == (PLAIN, "torch 9 has no such operator")
    with pytest.raises(SettingError, match="no such operator; use --engine auto"):
        take("fused")
