"""What computes here: the device, the threads and torch, told without torch where that is known."""

import os
import platform
import sys
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.memory.known import Known

ALWAYS_THERE = ("auto", "cpu")
DEVICES = ("nvidia*", "kfd", "dxg", "nvhost*", "nvmap", "dri/*")
"""Below /dev: what an accelerator of any make shows itself by."""
NAMES = ("OMP_", "MKL_", "KMP_", "GOMP_", "OPENBLAS_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_", "TORCH")
"""The beginnings of the environment variables that torch and its libraries look at."""


class Machine(NamedTuple):
    """``device`` as torch names it, the threads that compute, and torch's version."""

    device: str
    threads: int
    torch: str


def machine(device: str, known: Known) -> Machine:
    """What computes when ``device`` is asked for.

    Where torch is imported it is asked itself, and so it is about a device that may not be there.
    Only a process that has not imported it yet keeps what it says, since what its threads are may
    have been changed since: so ask before anything else that needs torch.

    Raises:
        SettingError: there is no such device.
    """
    if "torch" in sys.modules or device not in ALWAYS_THERE:
        return _asked(device)
    told = known.fact({"about": "machine", **surroundings()}, lambda: _asked("auto")._asdict())
    found = Machine(**told)
    return found if device == "auto" else found._replace(device=device)


def surroundings() -> dict[str, Any]:
    """All that torch's choice of a device and of a number of threads follows from."""
    if hasattr(os, "sched_getaffinity"):
        cores = sorted(os.sched_getaffinity(0))
    else:
        cores = list(range(os.cpu_count() or 1))
    devices = {str(path) for pattern in DEVICES for path in Path("/dev").glob(pattern)}
    return {
        "node": platform.node(),
        "cores": cores,
        "devices": sorted(devices),
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(NAMES)},
    }


def _asked(device: str) -> Machine:
    import torch

    from pipeline.device import resolve

    return Machine(str(resolve(device)), torch.get_num_threads(), str(torch.__version__))
