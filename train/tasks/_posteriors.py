"""What each side says of the classes: semantic matching (Rasiwasia et al. 2010, section 4.2)."""

import torch
from pydantic import Field
from torch import Tensor

from core.settings import Settings
from train.logistic import logistic, shares


class PosteriorOptions(Settings):
    """The options of the posteriors of classes."""

    penalty: float = Field(
        1e-4,
        gt=0,
        description="of the squared weights of each side's logistic regression, whose loss is a "
        "mean: C = 1 / (penalty * items) in the terms of others",
    )
    centred: bool = Field(
        True,
        description="posteriors are compared by the cosine of what they exceed the classes' shares "
        "by, or by their own",
    )


class Posterior(torch.nn.Module):
    """Rows (N, F) of one side -> what they say of the classes, (N, C); solved by ``solve``.

    Attributes:
        weight: (F, C).
        bias: (C,).
        share: (C,): of the training items.
    """

    weight: Tensor
    bias: Tensor
    share: Tensor

    def __init__(self, options: PosteriorOptions, width: int, classes: int):
        """Room for the solution."""
        super().__init__()
        self._options = options
        self.register_buffer("weight", torch.zeros(width, classes))
        self.register_buffer("bias", torch.zeros(classes))
        self.register_buffer("share", torch.zeros(classes))

    def solve(self, rows: Tensor, label: Tensor) -> None:
        """Learn from rows (N, F) float, dense or sparse, that have labels (N, C) bool.

        Raises:
            SettingError: the penalty is too small for a solution.
        """
        target = shares(label)
        found = logistic(rows, target, penalty=self._options.penalty)
        self.weight.copy_(found.weight)
        self.bias.copy_(found.bias)
        self.share.copy_(target.sum(0) / target.sum())

    def forward(self, rows: Tensor) -> Tensor:
        """Posteriors of rows (N, F) float32: (N, C), less the classes' shares where centred."""
        found = torch.softmax(rows.to(self.weight) @ self.weight + self.bias, dim=1)
        return found - self.share if self._options.centred else found
