"""The pairwise hinge with two radii: a pair within the near one, all others beyond the far one.

Hadsell et al. 2006 with a radius for the right pairs too, as in Hu et al. 2014 (equation 4).
"""

from typing import Self

from pydantic import Field, model_validator
from torch import Tensor, nn

from core.settings import Settings
from train.losses._batch import no_negative
from train.measured import Measured


class Options(Settings):
    """The options of the pairwise hinge; distances are 1 - cosine, in [0, 2]."""

    near: float = Field(0.3, ge=0, le=2, description="a pair costs what it is farther than this")
    far: float = Field(0.8, ge=0, le=2, description="a negative costs what it is nearer than this")
    same_image_negatives: bool = Field(
        False, description="other captions of the same picture are negatives"
    )

    @model_validator(mode="after")
    def _near_is_nearer(self) -> Self:
        if self.near >= self.far:
            raise ValueError(f"near = {self.near} must be below far = {self.far}")
        return self


class Pairwise(nn.Module):
    """Each pair by itself, and each negative by itself: nothing is compared with another."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """[d(i, c) - near]+ + (mean_c' [far - d(i, c')]+ + mean_i' [far - d(i', c)]+) / 2.

        d = 1 - s, with s the inner product. Without negatives their means are 0.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,) float, each at least 0.
        """
        distance = 1 - image @ caption.T
        out = no_negative(image_id, same_image=self.options.same_image_negatives)
        inside = (self.options.far - distance).clamp(min=0).masked_fill(out, 0)
        many = (~out).sum(1).clamp(min=1)
        outside = (distance.diagonal() - self.options.near).clamp(min=0)
        return outside + (inside.sum(1) + inside.sum(0)) / (2 * many)


def build(options: Options, *, measured: Measured, dim: int) -> Pairwise:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return Pairwise(options)
