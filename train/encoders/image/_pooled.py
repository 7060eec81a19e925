"""What encoders of pooled features share: which crop is taken, and how it is scaled."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

from core.errors import SettingError
from core.settings import Settings
from train.ranks.chance import for_rows


class PooledOptions(Settings):
    """The options of every encoder of pooled features."""

    normalise: bool = Field(True, description="scale each feature to unit length first")
    scale: Literal["length", "width"] = Field(
        "length",
        description="what `normalise` divides by: each feature's own length, or the root of how "
        "many numbers the source gives",
    )
    standardise: bool = Field(
        False, description="first take the training pictures' mean and deviation out"
    )
    statistics: Literal["mean", "crops"] = Field(
        "mean",
        description="what `standardise` measures: the mean over each picture's crops, or every "
        "crop of every view",
    )
    crop: Literal["mean", "random", "mixture"] = Field(
        "mean",
        description="of several crops: their mean, or at each training visit one of them or a "
        "random mixture of all",
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the dimensions left out at a training visit"
    )


class Moments:
    """Mean and deviation of each of ``width`` dimensions, over crops as they come."""

    def __init__(self, width: int):
        """Nothing is measured yet."""
        self._count = 0
        self._total = torch.zeros(width, dtype=torch.float64)
        self._squares = self._total.clone()

    def add(self, features: Tensor) -> None:
        """Take in features (n, crops, width) float."""
        values = features.flatten(0, 1).double()
        self._count += len(values)
        self._total += values.sum(dim=0)
        self._squares += values.square().sum(dim=0)

    @property
    def mean(self) -> Tensor:
        """(width,) float64."""
        return self._total / self._count

    @property
    def deviation(self) -> Tensor:
        """(width,) float64; 1 of a dimension that never changes."""
        deviation = (self._squares / self._count - self.mean.square()).clamp(min=0).sqrt()
        return deviation.masked_fill(deviation <= 1e-6 * self.mean.abs(), 1.0)


class Pooled(nn.Module):
    """features (B, crops, F) of each source -> (B, width), which the encoder goes on with.

    Attributes:
        width: the sum of all F: the sources stand side by side, each scaled by itself.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, options: PooledOptions, shapes: Sequence[tuple[int, int]]):
        """Room for the mean and the deviation of each dimension, where these are taken out."""
        super().__init__()
        self.options = options
        self._widths = [width for _, width in shapes]
        self.width = sum(self._widths)
        if options.standardise:
            self.register_buffer("mean", torch.zeros(self.width))
            self.register_buffer("deviation", torch.ones(self.width))

    def prepare(self, blocks: Iterable[tuple[Tensor, ...]]) -> None:
        """Measure mean and deviation over the training pictures.

        A dimension that never changes keeps the deviation 1.

        Args:
            blocks: of some pictures each, (n, crops, F) float32 of each source.
        """
        if self.options.standardise:
            measured = [Moments(width) for width in self._widths]
            for block in blocks:
                for moments, source in zip(measured, block, strict=True):
                    moments.add(source if self.options.statistics == "crops" else _mean(source))
            self.mean.copy_(torch.cat([moments.mean for moments in measured]))
            self.deviation.copy_(torch.cat([moments.deviation for moments in measured]))

    def pooled(self, *features: Tensor) -> Tensor:
        """(B, crops, F) float32 of each source to (B, width) float32.

        One crop or a mixture of each, standardised, scaled, put side by side, and dropped from.
        """
        each = [self._one_crop(source) for source in features]
        if self.options.standardise:
            known = [torch.split(side, self._widths) for side in (self.mean, self.deviation)]
            parts = zip(each, *known, strict=True)
            each = [(one - mean) / deviation for one, mean, deviation in parts]
        if self.options.normalise:
            each = [self._scaled(one) for one in each]
        return dropout(torch.cat(each, dim=1), self.options.dropout, self.training)

    def _scaled(self, features: Tensor) -> Tensor:
        if self.options.scale == "width":
            return features / math.sqrt(features.shape[1])
        return normalize(features, dim=1)

    def _one_crop(self, features: Tensor) -> Tensor:
        if not self.training or self.options.crop == "mean":
            return features.mean(dim=1)
        rows, crops = features.shape[:2]
        if self.options.crop == "random":
            drawn = for_rows(lambda n: torch.randint(crops, (n,), device=features.device), rows)
            return features[torch.arange(rows, device=features.device), drawn]
        # Exponentials over their sum are uniform over all mixtures: Dirichlet(1, ..., 1).
        weights = for_rows(lambda n: features.new_empty(n, crops).exponential_(), rows)
        shares = weights / weights.sum(1, keepdim=True)
        return torch.einsum("bc,bcf->bf", shares, features)


def _mean(features: Tensor) -> Tensor:
    """The crops' mean, as the one crop: (n, 1, F)."""
    return features.mean(dim=1, keepdim=True)


def pooled_shapes(shapes: Sequence[tuple[int, ...]], name: str) -> list[tuple[int, int]]:
    """``shapes``, each as (crops, F).

    Raises:
        SettingError: a layer is a grid, which the encoder ``name`` does not take.
    """
    for shape in shapes:
        if len(shape) != 2:
            raise SettingError(
                f"image.name = {name!r} takes a pooled layer (crops, F), not one of shape {shape}; "
                "set layer=pooled"
            )
    return [(shape[0], shape[1]) for shape in shapes]
