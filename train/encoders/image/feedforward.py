"""Linear layers with a ReLU between them: a plain network, nothing led past it."""

from collections.abc import Sequence

from pydantic import Field, field_validator
from torch import Tensor, nn

from train.encoders.image._pooled import Pooled, PooledOptions, pooled_shapes
from train.linear import LargeLinear

MOST_WIDTH = 65_536


class Options(PooledOptions):
    """The options of the feed-forward encoder."""

    widths: tuple[int, ...] = Field(
        (512,), min_length=1, max_length=16, description="of its hidden layers, in their order"
    )

    @field_validator("widths")
    @classmethod
    def _of_layers(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if not all(1 <= width <= MOST_WIDTH for width in widths):
            raise ValueError(
                f"give each layer a width from 1 to {MOST_WIDTH}, such as [4096, 4096]"
            )
        return widths


class FeedForward(Pooled):
    """features (B, crops, F) of each source -> (B, D).

    Attributes:
        layers: the last without an activation.
    """

    def __init__(self, options: Options, shapes: Sequence[tuple[int, int]], dim: int):
        """Torch's own first weights."""
        super().__init__(options, shapes)
        layers: list[nn.Module] = []
        width = self.width
        for following in options.widths:
            layers += [LargeLinear(width, following), nn.ReLU()]
            width = following
        self.layers = nn.Sequential(*layers, LargeLinear(width, dim))

    def forward(self, *features: Tensor) -> Tensor:
        """Encode (B, crops, F) float32 of each source: (B, D) float32 of any length."""
        encoded: Tensor = self.layers(self.pooled(*features))
        return encoded


def build(options: Options, *, shapes: Sequence[tuple[int, ...]], dim: int) -> FeedForward:
    """The encoder for sources of ``shapes``, each (crops, F).

    Raises:
        SettingError: a layer is a grid.
    """
    return FeedForward(options, pooled_shapes(shapes, "feedforward"), dim)
