"""The generators of a device beside the CPU's are kept and put back; another device's are not."""

import pytest
import torch

from train.building import seeded
from train.chance import generators, put_back


class Fake:
    """A generator of a device that is not there."""

    def __init__(self):
        self.state = torch.tensor([1, 2, 3], dtype=torch.uint8)

    def get_rng_state(self, *_):
        return self.state.clone()

    def set_rng_state(self, state, *_):
        self.state = state.clone()


@pytest.fixture(params=["cuda", "mps"])
def device(request, monkeypatch):
    """A device, and its generator."""
    fake, kind = Fake(), getattr(torch, request.param)
    monkeypatch.setattr(kind, "get_rng_state", fake.get_rng_state)
    monkeypatch.setattr(kind, "set_rng_state", fake.set_rng_state)
    return torch.device(request.param), fake


def test_the_devices_own_is_kept_beside_the_cpus(device):
    where, fake = device
    before = torch.get_rng_state()
    kept = generators(where)
    assert kept.keys() == {"cpu", where.type}
    fake.state = torch.zeros(3, dtype=torch.uint8)
    drawn = torch.rand(3)
    put_back(where, kept)
    assert fake.state.tolist() == [1, 2, 3]
    assert torch.equal(torch.rand(3), drawn)
    torch.set_rng_state(before)


def test_a_run_that_was_begun_on_the_cpu_goes_on_elsewhere(device):
    where, fake = device
    put_back(where, generators(torch.device("cpu")))
    assert fake.state.tolist() == [1, 2, 3]


def test_what_is_seeded_inside_is_as_before_outside(device):
    where, fake = device
    before = torch.get_rng_state()
    with seeded(5, where):
        fake.state = torch.zeros(3, dtype=torch.uint8)
        torch.rand(3)
    assert fake.state.tolist() == [1, 2, 3]
    assert torch.equal(torch.get_rng_state(), before)


def test_an_error_inside_puts_them_back_too():
    before = torch.get_rng_state()
    with pytest.raises(KeyError), seeded(5, torch.device("cpu")):
        raise KeyError
    assert torch.equal(torch.get_rng_state(), before)
