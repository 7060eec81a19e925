"""What encoders of a picture's several vectors share: its crops, or the places of its grids."""

from collections.abc import Iterable, Sequence

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import dropout, normalize

from core.errors import SettingError
from core.settings import Settings
from train.encoders.image._pooled import Moments
from train.inside import thinned


class ItemOptions(Settings):
    """The options of every encoder of several vectors."""

    normalise: bool = Field(True, description="scale each vector to unit length first")
    standardise: bool = Field(
        False, description="first take the training vectors' mean and deviation out"
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="share of the dimensions left out at a training visit"
    )
    size_augmentation: float = Field(
        0.0, ge=0, lt=1, description="share of the vectors taken out at a training visit"
    )


class Items(nn.Module):
    """features (B, crops, F) or (B, crops, height, width, F) of one source -> (B, N, F)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, options: ItemOptions, width: int):
        """Room for the mean and the deviation of each of ``width`` dimensions, where asked for."""
        super().__init__()
        self.options, self.width = options, width
        if options.standardise:
            self.register_buffer("mean", torch.zeros(width))
            self.register_buffer("deviation", torch.ones(width))

    def prepare(self, blocks: Iterable[tuple[Tensor, ...]]) -> None:
        """Measure mean and deviation over all vectors of the training pictures.

        Args:
            blocks: of some pictures each, (n, crops, ..., F) float32 of the one source.
        """
        if self.options.standardise:
            measured = Moments(self.width)
            for (source,) in blocks:
                measured.add(source.flatten(1, -2))
            self.mean.copy_(measured.mean)
            self.deviation.copy_(measured.deviation)

    def items(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, N, F) float32, and which of them are there, (B, N) bool: all at test."""
        values = features.flatten(1, -2)
        if self.options.standardise:
            values = (values - self.mean) / self.deviation
        if self.options.normalise:
            values = normalize(values, dim=2)
        inside = torch.ones(values.shape[:2], dtype=torch.bool, device=values.device)
        if self.training and self.options.size_augmentation:
            inside = thinned(inside, self.options.size_augmentation)
        return dropout(values, self.options.dropout, self.training), inside


def item_width(shapes: Sequence[tuple[int, ...]], name: str) -> int:
    """F of the one source, whose pictures have several vectors.

    Raises:
        SettingError: there are several sources, or a picture has one vector alone.
    """
    if len(shapes) != 1:
        raise SettingError(
            f"image.name = {name!r} takes one source, and these are {len(shapes)}; give one cache "
            "and one layer, or choose image.name=linear"
        )
    (shape,) = shapes
    if torch.Size(shape[:-1]).numel() < 2:
        raise SettingError(
            f"image.name = {name!r} pools several vectors of a picture, and this layer has one; "
            "set layer=grid, or read features that keep several crops",
            mend="crops",
        )
    return shape[-1]
