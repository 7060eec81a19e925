"""Torch's own generators, of the CPU and of the device: what of chance a state keeps."""

from collections.abc import Mapping

import torch
from torch import Tensor


def generators(device: torch.device) -> dict[str, Tensor]:
    """The state of the CPU's generator and of the device's own, uint8 by ``cpu``, ``cuda`` ..."""
    kept = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        kept["cuda"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        kept["mps"] = torch.mps.get_rng_state()
    return kept


def put_back(device: torch.device, kept: Mapping[str, Tensor]) -> None:
    """Let the generators be what ``generators`` gave.

    That of a device which it was not asked for, as of a run that was begun on another, stays as it
    was seeded.
    """
    torch.set_rng_state(kept["cpu"])
    if device.type == "cuda" and "cuda" in kept:
        torch.cuda.set_rng_state(kept["cuda"], device)
    if device.type == "mps" and "mps" in kept:
        torch.mps.set_rng_state(kept["mps"])
