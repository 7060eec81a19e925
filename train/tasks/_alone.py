"""Is the vector of an item its own, whatever stands beside it in a batch?"""

from collections.abc import Callable

import torch
from torch import Tensor

from core.errors import SettingError

FEW = 2
"""So many items are encoded once more: a batch norm over the batch refuses a single one itself."""
APART = 0.05
"""Of a vector's length: far above what rounding does, in half precision too."""


def require_own(encoder: Callable[..., Tensor], few: tuple[Tensor, ...], among: Tensor) -> None:
    """Refuse an encoder whose vectors depend on what else is in a batch, or on its padding.

    What it predicts would follow from the size of a batch and from the other items asked about.

    Args:
        encoder: what it is given of n items -> (n, D) float, in eval mode.
        few: what it is given of ``FEW`` items alone, or fewer.
        among: (n, D) float, on the same device: their vectors as they were found among others.

    Raises:
        SettingError: a vector is another one, by more than ``APART`` of its length.
    """
    other = torch.linalg.vector_norm(encoder(*few) - among, dim=1)
    if (other > APART * torch.linalg.vector_norm(among, dim=1)).any():
        raise SettingError(
            f"the encoder {type(encoder).__name__} gives an item another vector among many than "
            "among few, so that its answers follow from the batch; let each row follow from "
            "itself alone in eval mode (a batch norm from its running statistics, and nothing from "
            "padding)"
        )
