"""The residual branch of VSE-infinity's picture side (Chen et al. 2021): two layers and a norm."""

from typing import Literal

from pydantic import Field
from torch import nn

from core.settings import Settings


class ResidualOptions(Settings):
    """The options of what has such a branch."""

    hidden: int = Field(512, ge=1, le=65_536, description="width between the branch's two layers")
    norm: Literal["batch", "layer"] = Field(
        "batch", description="what scales the hidden layer: over the batch, or each row by itself"
    )


def residual_branch(width: int, dim: int, options: ResidualOptions) -> nn.Sequential:
    """(B, width) -> (B, dim); torch's own first weights."""
    norm = nn.BatchNorm1d if options.norm == "batch" else nn.LayerNorm
    return nn.Sequential(
        nn.Linear(width, options.hidden),
        norm(options.hidden),
        nn.ReLU(),
        nn.Linear(options.hidden, dim),
    )
