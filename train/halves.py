"""Mixup of vectors before they are encoded, as FuseMix has it (Vouitsis et al. 2024, section 4).

The batch is cut in halves, and both sides' vectors are mixed with one share l ~ Beta(alpha, alpha)
a batch: l * first + (1 - l) * second. Labels are not mixed: a mixed picture belongs to the caption
that was mixed alike.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Beta


def mixer(rows: int, alpha: float) -> Callable[[Tensor], Tensor]:
    """What mixes the halves of a batch, with one share for all that it is given.

    Args:
        rows: B, at least 2; of an odd number the last row is left out.
        alpha: above 0; 1 draws uniformly. Chance comes from torch's generator of the CPU.

    Returns:
        A function from (B, ...) float to (B // 2, ...).
    """
    half = rows // 2
    share = float(Beta(alpha, alpha).sample())

    def mixed(values: Tensor) -> Tensor:
        return share * values[:half] + (1 - share) * values[half : 2 * half]

    return mixed


def mixed_ids(ids: Tensor) -> Tensor:
    """Numbers of the mixed pictures: equal where both were mixed of the same two.

    Args:
        ids: (B,) int64 of the pictures, at least 0; B is at least 2.

    Returns:
        (B // 2,) int64, at least 0.

    Example:
        >>> mixed_ids(torch.tensor([4, 4, 9, 7, 7, 7])).tolist()
        [0, 0, 1]
    """
    half = len(ids) // 2
    both = torch.stack([ids[:half], ids[half : 2 * half]], dim=1)
    numbers: Tensor = torch.unique(both, dim=0, return_inverse=True)[1]
    return numbers
