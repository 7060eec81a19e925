"""A linear map beside a residual branch of two layers, as in VSE-infinity (Chen et al. 2021)."""

from typing import Literal

from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shape


class Options(PooledOptions):
    """The options of the residual encoder."""

    hidden: int = Field(512, ge=1, le=65_536, description="width between the branch's two layers")
    norm: Literal["batch", "layer"] = Field(
        "batch", description="what scales the hidden layer: over the batch, or each row by itself"
    )


class MLP(Pooled):
    """features (B, crops, F) -> unit vectors (B, D): project(x) + branch(x)."""

    def __init__(self, options: Options, *, crops: int, feature_dim: int, dim: int):
        """Torch's own first weights."""
        super().__init__(options, crops=crops, feature_dim=feature_dim)
        self.project = nn.Linear(feature_dim, dim)
        norm = nn.BatchNorm1d if options.norm == "batch" else nn.LayerNorm
        self.branch = nn.Sequential(
            nn.Linear(feature_dim, options.hidden),
            norm(options.hidden),
            nn.ReLU(),
            nn.Linear(options.hidden, dim),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32."""
        one = self.pooled(features)
        return normalize(self.project(one) + self.branch(one), dim=1)


def build(options: Options, *, shape: tuple[int, ...], dim: int) -> MLP:
    """The encoder for features of ``shape`` (crops, F).

    Raises:
        SettingError: the layer is a grid.
    """
    crops, feature_dim = pooled_shape(shape, "mlp")
    return MLP(options, crops=crops, feature_dim=feature_dim, dim=dim)
