"""A pair shall beat the mean of its row by a margin: a cost an example."""

from pydantic import Field
from torch import nn

from core.settings import Settings


class Options(Settings):
    """The options of the loss."""

    beat: float = Field(0.5, ge=0, description="by how much")


class EachRow(nn.Module):
    """image, caption (B, D) -> (B,)."""

    def __init__(self, options):
        super().__init__()
        self.options = options

    def forward(self, image, caption):
        scores = image @ caption.T
        return (self.options.beat - scores.diagonal() + scores.mean(1)).clamp(min=0)


def build(options, *, measured, dim):
    return EachRow(options)
