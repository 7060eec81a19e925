"""VSE-infinity's picture side (Chen et al. 2021): a residual MLP of each vector, then GPO."""

from collections.abc import Sequence

from torch import Tensor, nn

from train.encoders.image._items import ItemOptions, Items, item_width
from train.encoders.image._residual import ResidualOptions, residual_branch
from train.gpo import GPO


class Options(ItemOptions, ResidualOptions):
    """The options of the generalised pooling."""


class Generalised(Items):
    """features of one source -> (B, D): GPO of project(x) + branch(x) of each vector x."""

    def __init__(self, options: Options, width: int, dim: int):
        """Torch's own first weights."""
        super().__init__(options, width)
        self.project = nn.Linear(width, dim)
        self.branch = residual_branch(width, dim, options)
        self.gpo = GPO()

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, crops, ..., F) float32: (B, D) float32 of any length.

        A batch norm sees the vectors that are there alone.
        """
        values, inside = self.items(features)
        there = values[inside]
        mapped = self.project(there) + self.branch(there)
        each = mapped.new_zeros(*inside.shape, mapped.shape[1]).masked_scatter(
            inside[:, :, None], mapped
        )
        encoded: Tensor = self.gpo(each, inside)
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> Generalised:
    """The encoder for one source with several vectors a picture.

    Raises:
        SettingError: there are several sources, or one vector alone.
    """
    return Generalised(options, item_width(shapes, "gpo"), dim)
