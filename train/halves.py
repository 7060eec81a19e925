"""Mixup of vectors before they are encoded, as FuseMix has it (Vouitsis et al. 2024, section 4).

The batch is cut in halves, and both sides' vectors are mixed with one share l ~ Beta(alpha, alpha)
a batch: l * first + (1 - l) * second. Labels are not mixed: a mixed picture belongs to the caption
that was mixed alike.
"""

from collections.abc import Callable

from torch import Tensor
from torch.distributions import Beta

from train.ranks.chance import for_batch


def mixer(rows: int, alpha: float) -> Callable[[Tensor], Tensor]:
    """What mixes the halves of a batch, with one share for all that it is given.

    Args:
        rows: B, at least 2; of an odd number the last row is left out.
        alpha: above 0; 1 draws uniformly. Chance comes from torch's generator of the CPU, of
            several ranks the same.

    Returns:
        A function from (B, ...) float to (B // 2, ...).
    """
    half = rows // 2
    share = for_batch(lambda: float(Beta(alpha, alpha).sample()))

    def mixed(values: Tensor) -> Tensor:
        return share * values[:half] + (1 - share) * values[half : 2 * half]

    return mixed


def mixed_ids(ids: Tensor) -> Tensor:
    """Numbers of the mixed pictures: equal where both were mixed of the same two.

    Args:
        ids: (B,) int64 of the pictures, at least 0 and below 2^31; B is at least 2.

    Returns:
        (B // 2,) int64, at least 0, in the order of the first and then of the second. They follow
        from the two alone, so that parts of a batch agree.

    Example:
        >>> numbers = mixed_ids(Tensor([4, 4, 9, 7, 7, 7]).long())
        >>> (numbers == numbers[0]).tolist()
        [True, True, False]
    """
    half = len(ids) // 2
    return ids[:half] * 2**31 + ids[half : 2 * half]
