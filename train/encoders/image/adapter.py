"""An adapter on frozen vectors of either side, as in FuseMix (Vouitsis et al. 2024, section 5.1).

depth times x + Linear(4d -> d)(Dropout(GELU(Linear(d -> 4d)(LayerNorm x)))), LayerNorm,
Linear(d -> D).
"""

from collections.abc import Sequence

from pydantic import Field
from torch import Tensor, nn

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shapes


class Options(PooledOptions):
    """The options of the adapter."""

    depth: int = Field(4, ge=1, le=64, description="so many residual blocks")
    expansion: int = Field(4, ge=1, le=64, description="a block's inner width, times its outer one")
    inner_dropout: float = Field(
        0.6, ge=0, lt=1, description="share of a block's inner dimensions left out in training"
    )


class Block(nn.Module):
    """x (B, d) -> x + Linear(Dropout(GELU(Linear(LayerNorm x)))), (B, d)."""

    def __init__(self, width: int, options: Options):
        """Torch's own first weights."""
        super().__init__()
        inner = options.expansion * width
        self.branch = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, inner),
            nn.GELU(),
            nn.Dropout(options.inner_dropout),
            nn.Linear(inner, width),
        )

    def forward(self, vectors: Tensor) -> Tensor:
        """Add its branch to (B, d) float32, row by row: (B, d)."""
        added: Tensor = vectors + self.branch(vectors)
        return added


class Adapter(Pooled):
    """vectors (B, crops, F) of each source -> (B, D)."""

    def __init__(self, options: Options, shapes: Sequence[tuple[int, int]], dim: int):
        """Torch's own first weights; d is the sum of all F."""
        super().__init__(options, shapes)
        self.blocks = nn.Sequential(*(Block(self.width, options) for _ in range(options.depth)))
        self.norm = nn.LayerNorm(self.width)
        self.project = nn.Linear(self.width, dim)

    def forward(self, *features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32 of each source: (B, D) float32 of any length."""
        encoded: Tensor = self.project(self.norm(self.blocks(self.pooled(*features))))
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> Adapter:
    """The encoder for sources of ``shapes``, each (crops, F).

    Raises:
        SettingError: a layer is a grid.
    """
    return Adapter(options, pooled_shapes(shapes, "adapter"), dim)
