"""Smooth average precision (Brown et al. 2020, equation 5), in both directions."""

import torch
from pydantic import Field
from torch import Tensor

from core.settings import Settings
from train.losses._batch import rows_of_its_picture
from train.measured import Measured
from train.scored import Scored


class Options(Settings):
    """The options of smooth average precision."""

    temperature: float = Field(
        0.01, gt=0, description="of the sigmoid in the place of the step of the ranks"
    )


class SmoothAP(Scored):
    """1 - AP of each query within the batch, ranks counted by sigmoids."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """Half of both directions' 1 - AP of a pair.

        AP = mean over right answers a of (1 + sum over other right b of g_ba) / (1 + sum over all
        other b of g_ba), with g_ba = sigmoid((s_b - s_a) / temperature). Right for a picture are
        all its captions in the batch; for a caption its picture among the distinct pictures.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,) float, each in [0, 1).
        """
        scores = self.scores(image, caption) / self.options.temperature
        same = image_id[:, None] == image_id[None, :]
        query, answer = same.nonzero(as_tuple=True)
        above = torch.sigmoid(scores.index_select(0, query) - scores[query, answer][:, None])
        above = above * (torch.arange(len(image_id), device=answer.device) != answer[:, None])
        precision = (1 + (above * same[query]).sum(1)) / (1 + above.sum(1))
        many = rows_of_its_picture(image_id, scores)
        of_image = torch.zeros_like(many).index_add(0, query, precision) / many
        nearer = torch.sigmoid(scores - scores.diagonal()) * ~same / many[:, None]
        return 1 - (of_image + 1 / (1 + nearer.sum(0))) / 2


def build(options: Options, *, measured: Measured, dim: int) -> SmoothAP:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return SmoothAP(options)
