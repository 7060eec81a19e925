"""Which device computes."""

from typing import TYPE_CHECKING

from core.errors import SettingError

if TYPE_CHECKING:
    import torch


def resolve(name: str) -> "torch.device":
    """``auto`` is the first CUDA device if there is one, else the CPU.

    Raises:
        SettingError: the device is unknown or not there.
    """
    import torch  # to look for a device takes it, to know what may be asked for does not

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise SettingError(f"--device {name}: {reason}; use auto, cpu, cuda or cuda:N") from None
    return device
