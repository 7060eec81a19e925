"""A network in calls of a few crops, trunk and head each in their own; in halves where need be."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import torch
from torch import Tensor

from core.errors import InputError
from extract.backbone import Calls, Network

ACCELERATOR = Calls.both(128)
Part = Callable[[Tensor], Sequence[Tensor]]


def usual(network: Network, device: torch.device) -> Calls:
    """What is fast: the network's own calls on a CPU, large ones elsewhere."""
    return network.calls if device.type == "cpu" else ACCELERATOR


def run(
    network: Network, crops: Tensor, layers: Sequence[str], device: torch.device, calls: Calls
) -> list[Tensor]:
    """Each of ``layers`` of ``crops`` (N, 3, S, S): (N, ...) float32 on the CPU.

    A layer's bits do not depend on which others there are: the calls are the same.

    Raises:
        InputError: one crop alone does not fit in the device's memory.
    """
    if tuple(layers) == ("grid",) or calls.trunk == calls.head:
        whole = partial(network.several, layers=layers)
        return _in_calls(whole, crops, calls.trunk, device)
    (maps,) = _in_calls(lambda few: [network.maps(few)], crops, calls.trunk, device)
    return _in_calls(partial(network.of_maps, layers=layers), maps, calls.head, device)


def _in_calls(part: Part, batch: Tensor, size: int, device: torch.device) -> list[Tensor]:
    return _together([forward(part, call, device) for call in torch.split(batch, size)])


def _together(found: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    return list(found[0]) if len(found) == 1 else list(map(torch.cat, zip(*found, strict=True)))


def forward(part: Part, batch: Tensor, device: torch.device) -> list[Tensor]:
    """Run ``part`` of a network on ``batch`` (N, ...); where memory is short, in halves.

    Returns:
        (N, ...) float32 on the CPU of each tensor that it gives.

    Raises:
        InputError: one row alone does not fit in the device's memory.
    """
    try:
        given = batch.to(device).contiguous(memory_format=memory_format(device))
        return [found.cpu() for found in part(given)]
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise InputError(f"{device} has no memory for one crop; use --device cpu") from None
    half = len(batch) // 2
    parts = (batch[:half], batch[half:])
    return _together([forward(part, each, device) for each in parts])


def full_precision(device: torch.device) -> AbstractContextManager[None]:
    """cuDNN without TF32, which keeps three digits, and with repeatable kernels; then as found."""
    if device.type != "cuda":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)


def memory_format(device: torch.device) -> torch.memory_format:
    """Channels last on a CPU, where it is 1.1 to 2.3 times as fast."""
    return torch.channels_last if device.type == "cpu" else torch.contiguous_format
