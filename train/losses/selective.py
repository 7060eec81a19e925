"""Selectively hard negatives: the hardest, but the mean where it is as near as the right answer.

RVSE++, "Selectively Hard Negative Mining for Alleviating Gradient Vanishing in Image-Text Matching"
(Zheng et al. 2023): on unit vectors the gradient of the hardest hinge vanishes where the negative
and the right answer are one.
"""

import torch
from pydantic import Field
from torch import Tensor

from core.settings import Settings
from train.collapse import Collapse
from train.losses._batch import no_negative
from train.losses._every import Every
from train.measured import Measured
from train.scored import Scored


class Options(Settings):
    """The options of selectively hard negatives."""

    margin: float = Field(0.2, ge=0, description="by how much a pair must beat a negative")
    epsilon: float = Field(
        0.01, ge=0, description="nearer than this the hardest negative is too near to learn from"
    )
    same_image_negatives: bool = Field(
        True, description="other captions of the same picture are negatives, as published"
    )


class Selective(Scored):
    """For each query the hardest hinge, or the mean of all."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """Half of both directions' costs of a pair.

        Of picture i: max_c' h(c') with h(c') = [m - s(i, c) + s(i, c')]+, but the mean over c' of
        h(c') where |s(i, c) - max_c' s(i, c')| < epsilon. Of caption c the same over the pictures.
        A pair without negatives costs 0.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,) float, each at least 0.
        """
        scores = self.scores(image, caption)
        out = no_negative(image_id, same_image=self.options.same_image_negatives)
        return (self._cost(scores, out) + self._cost(scores.T, out)) / 2

    def collapse(self) -> Collapse:
        """Each direction is the margin, and the mean over all negatives is the way back."""
        margin, same = self.options.margin, self.options.same_image_negatives
        gentle = Every(margin, same_image=same, share=0.5)
        gentle.similarity = self.similarity
        return Collapse(margin, gentle)

    def _cost(self, scores: Tensor, out: Tensor) -> Tensor:
        """(B,) of each row of ``scores`` as a query."""
        pair = scores.diagonal()
        hinge = (self.options.margin - pair[:, None] + scores).clamp(min=0).masked_fill(out, 0)
        hardest = scores.detach().masked_fill(out, -torch.inf).max(1).values
        too_near = (pair.detach() - hardest).abs() < self.options.epsilon
        mean = hinge.sum(1) / (~out).sum(1).clamp(min=1)
        return torch.where(too_near, mean, hinge.max(1).values)


def build(options: Options, *, measured: Measured, dim: int) -> Selective:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return Selective(options)
