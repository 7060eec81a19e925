"""A linear map beside a residual branch of two layers, as in VSE-infinity (Chen et al. 2021)."""

from collections.abc import Sequence

from torch import Tensor, nn

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shapes
from train.encoders.image._residual import ResidualOptions, residual_branch


class Options(PooledOptions, ResidualOptions):
    """The options of the residual encoder."""


class MLP(Pooled):
    """features (B, crops, F) of each source -> (B, D): project(x) + branch(x)."""

    def __init__(self, options: Options, shapes: Sequence[tuple[int, int]], dim: int):
        """Torch's own first weights."""
        super().__init__(options, shapes)
        self.project = nn.Linear(self.width, dim)
        self.branch = residual_branch(self.width, dim, options)

    def forward(self, *features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32 of each source: (B, D) float32 of any length."""
        one = self.pooled(*features)
        encoded: Tensor = self.project(one) + self.branch(one)
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> MLP:
    """The encoder for sources of ``shapes``, each (crops, F).

    Raises:
        SettingError: a layer is a grid.
    """
    return MLP(options, pooled_shapes(shapes, "mlp"), dim)
