"""From the members of a set, or the states at a caption's words, to one vector."""

from typing import Literal

import torch
from torch import Tensor, nn

from train.gpo import GPO

Pool = Literal["last", "mean", "max", "gpo"]


class Pooling(nn.Module):
    """(B, N, D) of which some are inside -> (B, D).

    ``last``: the last inside, which then stand in front; ``mean``, ``max``: in each dimension;
    ``gpo``: `train.gpo.GPO`, the only one that has weights.
    """

    def __init__(self, pool: Pool):
        """Pool in this way."""
        super().__init__()
        self.pool = pool
        self.gpo = GPO() if pool == "gpo" else None

    def forward(self, values: Tensor, inside: Tensor) -> Tensor:
        """Pool (B, N, D) float; ``inside`` (B, N) bool, at least one a row."""
        many = inside.sum(1)
        if self.gpo is not None:
            pooled: Tensor = self.gpo(values, inside)
            return pooled
        if self.pool == "last":
            return values[torch.arange(len(values), device=many.device), many - 1]
        if self.pool == "max":
            return values.masked_fill(~inside[:, :, None], -torch.inf).amax(1)
        return values.masked_fill(~inside[:, :, None], 0).sum(1) / many[:, None]
