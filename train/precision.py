"""bfloat16 where it is asked for: in the products of a training visit, and nowhere else.

Weights, their moments, losses, similarities and all that is predicted stay float32. torch's
autocast (Micikevicius et al. 2018, with bfloat16's range in the place of a scaled loss) chooses the
operators. Recurrent networks stay float32 too: whatever dtype it is given, autocast runs cuDNN's in
float16, whose range a gradient leaves.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from core.errors import SettingError
from train.schema import Precision

HALVES = (torch.bfloat16, torch.float16)


def casting(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Inside, products are of this precision; in the same context weights are cast once."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def in_float32(device: torch.device) -> AbstractContextManager[object]:
    """Inside, whatever is cast around it, nothing is: what comes in must be float32."""
    known = torch.amp.is_autocast_available(device.type)
    if not (known and torch.is_autocast_enabled(device.type)):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)


def full(values: Tensor) -> Tensor:
    """``values`` as float32 where they are of half as many bits; others as they are."""
    return values.float() if values.dtype in HALVES else values


def all_full(outputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """``full`` of each."""
    return {name: full(value) for name, value in outputs.items()}


def require(precision: Precision, device: torch.device) -> None:
    """Refuse a precision that the device only emulates.

    Raises:
        SettingError: so it is.
    """
    if precision == "float32" or device.type != "cuda":
        return
    with torch.cuda.device(device):
        there = torch.cuda.is_bf16_supported(including_emulation=False)
    if not there:
        raise SettingError(
            f"precision = {precision}: {device} has no such numbers; set precision=float32"
        )
