"""The plain triplet loss: one negative each way, which nothing chooses for its hardness.

The triplet of Weinberger and Saul 2009 and Schroff et al. 2015 (equation 1) by similarities, with a
negative of the batch in each direction.
"""

import torch
from pydantic import Field
from torch import Tensor

from core.settings import Settings
from train.measured import Measured
from train.scored import Scored


class Options(Settings):
    """The options of the triplet."""

    margin: float = Field(0.2, ge=0, description="by how much a pair must beat its negative")


class Triplet(Scored):
    """Each pair against the picture that follows its own by id in the batch, and its captions."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """[m - s(i, c) + s(i, c')]+ + [m - s(i, c) + s(i', c)]+, s being the score.

        i' is the picture whose id follows in the batch, after the last the first, and c' a caption
        of it (of several the mean is taken). A batch is drawn at random, so the negative is any
        picture, and yet it does not follow the order of the rows. Without another picture in the
        batch a pair costs 0.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,) float, each at least 0.
        """
        scores = self.scores(image, caption)
        pair = scores.diagonal()
        negative = _next(image_id, scores)
        to_caption = (self.options.margin - pair[:, None] + scores).clamp(min=0) * negative
        to_image = (self.options.margin - pair[None, :] + scores).clamp(min=0) * negative.T
        return to_caption.sum(1) + to_image.sum(0)


def _next(image_id: Tensor, like: Tensor) -> Tensor:
    """(B, B): row b shares 1 among the rows of its negative; 0 where there is no other picture."""
    ids, place = torch.unique(image_id, return_inverse=True)
    following = ids[(place + 1) % len(ids)]
    chosen = (following[:, None] == image_id[None, :]) & (following != image_id)[:, None]
    share: Tensor = chosen.to(like.dtype) / chosen.sum(1, keepdim=True).clamp(min=1)
    return share


def build(options: Options, *, measured: Measured, dim: int) -> Triplet:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return Triplet(options)
