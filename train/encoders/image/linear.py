"""One linear map to the joint space, as in VSE++ (Faghri et al. 2018, section 3.1)."""

import math
from collections.abc import Iterable
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

from core.errors import SettingError
from core.settings import Settings


class Options(Settings):
    """The options of the linear image encoder."""

    normalise: bool = Field(True, description="scale each feature to unit length first")
    standardise: bool = Field(
        False, description="first take the training pictures' mean and deviation out"
    )
    crop: Literal["mean", "random"] = Field(
        "mean", description="of several crops: their mean, or one drawn at each training visit"
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the dimensions left out at a training visit"
    )


class Linear(nn.Module):
    """features (B, crops, F) -> unit vectors (B, D)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, options: Options, *, crops: int, feature_dim: int, dim: int):
        """Xavier's range: weights in U(-r, r), r = sqrt(6) / sqrt(fan_in + fan_out); bias 0."""
        super().__init__()
        self.options = options
        self._crops = crops
        self.project = nn.Linear(feature_dim, dim)
        r = math.sqrt(6) / math.sqrt(feature_dim + dim)
        nn.init.uniform_(self.project.weight, -r, r)
        nn.init.zeros_(self.project.bias)
        if options.standardise:
            self.register_buffer("mean", torch.zeros(feature_dim))
            self.register_buffer("deviation", torch.ones(feature_dim))

    def prepare(self, blocks: Iterable[Tensor]) -> None:
        """Measure mean and deviation over the training pictures, given in blocks (n, crops, F).

        A dimension that never changes keeps the deviation 1.

        Raises:
            SettingError: a crop is to be drawn, and there is one only. A run that was trained so
                is still read: it is refused here, before a training.
        """
        if self.options.crop == "random" and self._crops == 1:
            raise SettingError(
                "image.crop = 'random' draws one of several crops, and these features hold one, or "
                "the mean of all; make them with `features --crops 10 --keep all` (make: KEEP=all)"
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

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32."""
        one = self._one_crop(features)
        if self.options.standardise:
            one = (one - self.mean) / self.deviation
        if self.options.normalise:
            one = normalize(one, dim=1)
        one = dropout(one, self.options.dropout, self.training)
        return normalize(self.project(one), dim=1)

    def _one_crop(self, features: Tensor) -> Tensor:
        if self.training and self.options.crop == "random":
            rows, crops = features.shape[:2]
            drawn = torch.randint(crops, (rows,), device=features.device)
            return features[torch.arange(rows, device=features.device), drawn]
        return features.mean(dim=1)


def build(options: Options, *, shape: tuple[int, ...], dim: int) -> Linear:
    """The encoder for features of ``shape`` (crops, F).

    Raises:
        SettingError: the layer is a grid, which a linear map does not take.
    """
    if len(shape) != 2:
        raise SettingError(
            f"image.name = 'linear' takes a pooled layer (crops, F), not one of shape {shape}; "
            "set layer=pooled"
        )
    return Linear(options, crops=shape[0], feature_dim=shape[1], dim=dim)
