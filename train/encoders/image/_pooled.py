"""What encoders of pooled features share: which crop is taken, and how it is scaled."""

from collections.abc import Iterable, Sequence
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
        self.width = sum(width for _, width in shapes)
        self._crops = max(crops for crops, _ in shapes)
        if options.standardise:
            self.register_buffer("mean", torch.zeros(self.width))
            self.register_buffer("deviation", torch.ones(self.width))

    def prepare(self, blocks: Iterable[tuple[Tensor, ...]]) -> None:
        """Measure mean and deviation over the training pictures.

        A dimension that never changes keeps the deviation 1.

        Args:
            blocks: of some pictures each, (n, crops, F) of each source.

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
        count, total = 0, torch.zeros(self.width, dtype=torch.float64)
        squares = total.clone()
        for block in blocks:
            values = torch.cat([source.mean(dim=1) for source in block], dim=1).double()
            count += len(values)
            total += values.sum(dim=0)
            squares += values.square().sum(dim=0)
        mean = total / count
        deviation = (squares / count - mean.square()).clamp(min=0).sqrt()
        still = deviation <= 1e-6 * mean.abs()
        self.mean.copy_(mean)
        self.deviation.copy_(deviation.masked_fill(still, 1.0))

    def pooled(self, *features: Tensor) -> Tensor:
        """(B, crops, F) float32 of each source to (B, width).

        One crop or a mixture of each, standardised, scaled, put side by side, and dropped from.
        """
        each = [self._one_crop(source) for source in features]
        if self.options.standardise:
            widths = [one.shape[1] for one in each]
            means, deviations = torch.split(self.mean, widths), torch.split(self.deviation, widths)
            parts = zip(each, means, deviations, strict=True)
            each = [(one - mean) / deviation for one, mean, deviation in parts]
        if self.options.normalise:
            each = [normalize(one, dim=1) for one in each]
        return dropout(torch.cat(each, dim=1), self.options.dropout, self.training)

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
