"""A linear map beside a residual branch of two layers, as in VSE-infinity (Chen et al. 2021)."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shapes


class Options(PooledOptions):
    """The options of the residual encoder."""

    hidden: int = Field(512, ge=1, le=65_536, description="width between the branch's two layers")
    norm: Literal["batch", "layer"] = Field(
        "batch", description="what scales the hidden layer: over the batch, or each row by itself"
    )


class MLP(Pooled):
    """features (B, crops, F) of each source -> (B, D): project(x) + branch(x)."""

    def __init__(self, options: Options, shapes: Sequence[tuple[int, int]], dim: int):
        """Torch's own first weights."""
        super().__init__(options, shapes)
        self.project = nn.Linear(self.width, dim)
        norm = nn.BatchNorm1d if options.norm == "batch" else nn.LayerNorm
        self.branch = nn.Sequential(
            nn.Linear(self.width, options.hidden),
            norm(options.hidden),
            nn.ReLU(),
            nn.Linear(options.hidden, dim),
        )

    def forward(self, *features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32 of each source."""
        one = self.pooled(*features)
        encoded: Tensor = self.project(one) + self.branch(one)
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> MLP:
    """The encoder for sources of ``shapes``, each (crops, F).

    Raises:
        SettingError: a layer is a grid.
    """
    return MLP(options, pooled_shapes(shapes, "mlp"), dim)
