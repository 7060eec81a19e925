"""What tasks share that map both sides to the directions that are correlated most."""

from pydantic import Field
from torch import Tensor, zeros

from core.settings import Settings
from train.canonical import canonical_correlations
from train.moments import Pairing, moments
from train.tasks._closed import BLOCK, Closed, unit_rows
from train.tasks._sides import J


class CanonicalOptions(Settings):
    """The options of canonical correlations."""

    width: int = Field(256, ge=1, description="so many of the largest correlations, or fewer")
    ridge: float = Field(0.1, gt=0, description="added to the variances, as a share of their mean")
    power: float = Field(
        4.0, ge=0, description="of the correlation, with which each direction is scaled"
    )


class Canonical(Closed[J]):
    """One with a mean and a linear map a side, as buffers.

    Attributes:
        image_mean: (F,); image_map: (F, width).
        text_mean: (G,); text_map: (G, width).
    """

    image_mean: Tensor
    image_map: Tensor
    text_mean: Tensor
    text_map: Tensor

    def _room(self, sizes: dict[str, int], width: int) -> None:
        for side, size in sizes.items():
            self.register_buffer(f"{side}_mean", zeros(size))
            self.register_buffer(f"{side}_map", zeros(size, width))

    def _solve(self, data: J, pairing: Pairing, *, ridge: float, power: float) -> None:
        """Each direction is scaled by a power of its correlation."""
        blocks = self._rows(self._texts_of(data), BLOCK)
        rows, there = unit_rows(data.features), len(self.text_mean)
        mean, mean_there, *covariances = moments(rows, blocks, pairing, width=there)
        width = self.image_map.shape[1]
        found = canonical_correlations(*covariances, width=width, ridge=ridge)
        scale = found.correlation**power
        sides = ("image", mean, found.first), ("text", mean_there, found.second)
        for side, middle, axes in sides:
            getattr(self, f"{side}_mean").copy_(middle)
            getattr(self, f"{side}_map").copy_(axes * scale)

    def _projected(self, side: str, rows: Tensor) -> Tensor:
        axes: Tensor = getattr(self, f"{side}_map")
        found: Tensor = (rows.to(axes) - getattr(self, f"{side}_mean")) @ axes
        return found
