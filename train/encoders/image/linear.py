"""One linear map to the joint space, as in VSE++ (Faghri et al. 2018, section 3.1)."""

import math
from collections.abc import Sequence
from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shapes


class Options(PooledOptions):
    """The options of the linear image encoder."""

    first: Literal["xavier", "torch"] = Field(
        "xavier", description="where its weights begin: in VSE++'s range, or as torch draws them"
    )


class Linear(Pooled):
    """features (B, crops, F) of each source -> (B, D)."""

    def __init__(self, options: Options, shapes: Sequence[tuple[int, int]], dim: int):
        """Xavier's range: weights in U(-r, r), r = sqrt(6) / sqrt(fan_in + fan_out); bias 0.

        Or torch's own: both in U(-r, r), r = 1 / sqrt(fan_in).
        """
        super().__init__(options, shapes)
        self.project = nn.Linear(self.width, dim)
        if options.first == "torch":
            return
        r = math.sqrt(6) / math.sqrt(self.width + dim)
        nn.init.uniform_(self.project.weight, -r, r)
        nn.init.zeros_(self.project.bias)

    def forward(self, *features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32 of each source: (B, D) float32 of any length."""
        encoded: Tensor = self.project(self.pooled(*features))
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> Linear:
    """The encoder for sources of ``shapes``, each (crops, F).

    Raises:
        SettingError: a layer is a grid, which a linear map does not take.
    """
    return Linear(options, pooled_shapes(shapes, "linear"), dim)
