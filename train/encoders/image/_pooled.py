"""What encoders of pooled features share: which crop is taken, and how it is scaled."""

from collections.abc import Iterable
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

from core.errors import SettingError
from core.settings import Settings


class PooledOptions(Settings):
    """The options of every encoder of pooled features."""

    normalise: bool = Field(True, description="scale each feature to unit length first")
    standardise: bool = Field(
        False, description="first take the training pictures' mean and deviation out"
    )
    crop: Literal["mean", "random", "mixture"] = Field(
        "mean",
        description="of several crops: their mean, or at each training visit one of them or a "
        "random mixture of all",
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the dimensions left out at a training visit"
    )


class Pooled(nn.Module):
    """features (B, crops, F) -> one vector a picture (B, F), which the encoder goes on with."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, options: PooledOptions, *, crops: int, feature_dim: int):
        """Room for the mean and the deviation, where these are taken out."""
        super().__init__()
        self.options = options
        self._crops = crops
        if options.standardise:
            self.register_buffer("mean", torch.zeros(feature_dim))
            self.register_buffer("deviation", torch.ones(feature_dim))

    def prepare(self, blocks: Iterable[Tensor]) -> None:
        """Measure mean and deviation over the training pictures, given in blocks (n, crops, F).

        A dimension that never changes keeps the deviation 1.

        Raises:
            SettingError: crops are to be drawn, and there is one only. A run that was trained so
                is still read: it is refused here, before a training.
        """
        if self.options.crop != "mean" and self._crops == 1:
            raise SettingError(
                f"image.crop = {self.options.crop!r} draws of several crops, and these features "
                "hold one, or the mean of all; make them with `features --crops 10 --keep all` "
                "(make: KEEP=all)"
            )
        if not self.options.standardise:
            return
        count, total = 0, torch.zeros(len(self.mean), dtype=torch.float64)
        squares = total.clone()
        for block in blocks:
            values = block.mean(dim=1).double()
            count += len(values)
            total += values.sum(dim=0)
            squares += values.square().sum(dim=0)
        mean = total / count
        deviation = (squares / count - mean.square()).clamp(min=0).sqrt()
        still = deviation <= 1e-6 * mean.abs()
        self.mean.copy_(mean)
        self.deviation.copy_(deviation.masked_fill(still, 1.0))

    def pooled(self, features: Tensor) -> Tensor:
        """(B, crops, F) float32 to (B, F): one crop or a mixture, standardised, scaled, dropped."""
        one = self._one_crop(features)
        if self.options.standardise:
            one = (one - self.mean) / self.deviation
        if self.options.normalise:
            one = normalize(one, dim=1)
        return dropout(one, self.options.dropout, self.training)

    def _one_crop(self, features: Tensor) -> Tensor:
        if not self.training or self.options.crop == "mean":
            return features.mean(dim=1)
        rows, crops = features.shape[:2]
        if self.options.crop == "random":
            drawn = torch.randint(crops, (rows,), device=features.device)
            return features[torch.arange(rows, device=features.device), drawn]
        # Exponentials over their sum are uniform over all mixtures: Dirichlet(1, ..., 1).
        weights = features.new_empty(rows, crops).exponential_()
        shares = weights / weights.sum(1, keepdim=True)
        return torch.einsum("bc,bcf->bf", shares, features)


def pooled_shape(shape: tuple[int, ...], name: str) -> tuple[int, int]:
    """``shape`` as (crops, F).

    Raises:
        SettingError: the layer is a grid, which the encoder ``name`` does not take.
    """
    if len(shape) != 2:
        raise SettingError(
            f"image.name = {name!r} takes a pooled layer (crops, F), not one of shape {shape}; "
            "set layer=pooled"
        )
    return shape[0], shape[1]
