"""Which device computes."""

import re
from typing import TYPE_CHECKING

from core.errors import SettingError, choices

USUAL = ("auto", "cpu", "cuda", "cuda:N", "mps")

if TYPE_CHECKING:
    import torch


def resolve(name: str) -> "torch.device":
    """``auto`` is the first CUDA device if there is one, else the CPU.

    Raises:
        SettingError: the device is unknown or not there; those that are there are named.
    """
    import torch  # to look for a device takes it, to know what may be asked for does not

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not re.fullmatch(r"cpu|mps|cuda(:[0-9]{1,3})?", name):
        raise SettingError(f"unknown --device {name!r}: {choices(name, USUAL)}; {_there()}")
    kind, _, number = name.partition(":")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise SettingError(f"--device mps: this torch computes on no Apple GPU; {_there()}")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        many = torch.cuda.device_count()
        what = f"the last CUDA device here is cuda:{many - 1}" if many else "no CUDA device is here"
        raise SettingError(f"--device {name}: {what}; {_there()}")
    return torch.device(name)


def judging(device: "torch.device") -> "torch.device":
    """Where is ranked what ``device`` predicted: ranks need float64, which Apple's GPUs lack."""
    import torch

    return torch.device("cpu") if device.type == "mps" else device


def _there() -> str:
    """What may be given on this machine."""
    import torch

    found = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    found += ["mps"] if torch.backends.mps.is_available() else []
    return f"use --device {' or '.join(['auto', 'cpu', *found])}"
