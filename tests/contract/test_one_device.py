"""Encoders and losses compute where their weights and their inputs are, and wait for nothing there.

No GPU is needed: torch's fake tensors have a device, which they refuse to mix with another one, and
shapes without numbers, so that what looks at a number on the device, and so waits for it, is found.
"""

import pytest
import torch
from test_encoders_contract import DIM, IMAGE, TEXT, built, reader
from test_losses_contract import LOSSES, build, inputs
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)

from core.plugins import load

CUDA = torch.device("cuda", 0)
RECURRENT = {"gru", "lstm"}
COUNTED = {"infonce", "smooth_ap", "triplet"}
"""Losses that wait for a count, such as that of the different pictures of a batch."""
SIZED = {"gpo", "sum", "vectors"}
"""Encoders that wait for a size: sets are grouped by theirs, words stand without padding."""


def there(tensor):
    """One of the same shape and dtype on the device."""
    return torch.empty(tensor.shape, dtype=tensor.dtype, device=CUDA)


def moved(module):
    """``module`` with its weights and buffers on the device."""
    for part in module.modules():
        for name, weight in part._parameters.items():
            if weight is not None:
                part._parameters[name] = torch.nn.Parameter(there(weight))
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = there(buffer)
    return module.train()


@pytest.mark.parametrize("name", [name for name in IMAGE if name not in SIZED])
def test_pictures_are_encoded_there(name):
    encoder, shape = built(name)
    with FakeTensorMode():
        found = moved(encoder)(torch.empty(5, *shape, device=CUDA))
    assert (found.device, found.shape) == (CUDA, (5, DIM))


@pytest.mark.parametrize("name", [name for name in TEXT if name not in RECURRENT | SIZED])
def test_captions_are_encoded_there(name):
    encoder = reader(name)
    with FakeTensorMode():
        tokens = torch.empty(5, 7, dtype=torch.int64, device=CUDA)
        found = moved(encoder)(tokens, torch.empty(5, dtype=torch.int64, device=CUDA))
    assert (found.device, found.shape) == (CUDA, (5, DIM))


@pytest.mark.parametrize("name", sorted(RECURRENT))
def test_a_recurrent_network_looks_at_the_lengths_once(name, monkeypatch):
    encoder, looked, own = reader(name), [], torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, "cpu", lambda t: looked.append(t.shape) or own(t))
    with FakeTensorMode():
        tokens = torch.empty(5, 7, dtype=torch.int64, device=CUDA)
        lengths = torch.empty(5, dtype=torch.int64, device=CUDA)
        with pytest.raises(DataDependentOutputException):
            moved(encoder)(tokens, lengths)
    assert looked == [(5,)]


@pytest.mark.parametrize("name", [name for name in LOSSES if name not in COUNTED])
def test_losses_are_computed_there(name):
    plugin = load("train.losses", name)
    loss, given = build(plugin), inputs(plugin, [0, 1, 0, 2, 1])
    with FakeTensorMode():
        found = moved(loss)(
            **{n: there(v).requires_grad_(v.requires_grad) for n, v in given.items()}
        )
    assert (found.device, found.requires_grad) == (CUDA, True)


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_what_counts_pictures_waits_for_their_number(name):
    plugin = load("train.losses", name)
    loss, given = build(plugin), inputs(plugin, [0, 1, 0, 2, 1])
    with FakeTensorMode(), pytest.raises(DynamicOutputShapeException):
        moved(loss)(**{n: there(v) for n, v in given.items()})


def test_what_is_on_two_devices_is_found():
    with FakeTensorMode(), pytest.raises(RuntimeError, match="device"):
        torch.empty(3, device=CUDA) + torch.empty(3)
