"""One linear map to the joint space, as in VSE++ (Faghri et al. 2018, section 3.1)."""

import math

from torch import Tensor, nn
from torch.nn.functional import normalize

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shape


class Options(PooledOptions):
    """The options of the linear image encoder."""


class Linear(Pooled):
    """features (B, crops, F) -> unit vectors (B, D)."""

    def __init__(self, options: Options, *, crops: int, feature_dim: int, dim: int):
        """Xavier's range: weights in U(-r, r), r = sqrt(6) / sqrt(fan_in + fan_out); bias 0."""
        super().__init__(options, crops=crops, feature_dim=feature_dim)
        self.project = nn.Linear(feature_dim, dim)
        r = math.sqrt(6) / math.sqrt(feature_dim + dim)
        nn.init.uniform_(self.project.weight, -r, r)
        nn.init.zeros_(self.project.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32."""
        return normalize(self.project(self.pooled(features)), dim=1)


def build(options: Options, *, shape: tuple[int, ...], dim: int) -> Linear:
    """The encoder for features of ``shape`` (crops, F).

    Raises:
        SettingError: the layer is a grid, which a linear map does not take.
    """
    crops, feature_dim = pooled_shape(shape, "linear")
    return Linear(options, crops=crops, feature_dim=feature_dim, dim=dim)
