"""Semi-hard negatives (Schroff et al. 2015, FaceNet, equation 4), in both directions."""

import torch
from pydantic import Field
from torch import Tensor

from core.settings import Settings
from train.collapse import Collapse
from train.losses._batch import no_negative
from train.losses._every import Every
from train.measured import Measured
from train.scored import Scored

TIED = 16


class Options(Settings):
    """The options of the semi-hard triplet."""

    margin: float = Field(0.2, ge=0, description="by how much a pair must beat a negative")
    same_image_negatives: bool = Field(
        False, description="other captions of the same picture are negatives"
    )


class SemiHard(Scored):
    """The hardest of the negatives that are not as near as the right answer."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """max over c' with s(i, c') < s(i, c) of [m - s(i, c) + s(i, c')]+; the same over i'.

        A negative that is as near as the right answer, or nearer, is left out: early in training it
        is the one that makes all vectors one. A pair that has no other costs 0, so where all
        vectors are one already nothing is learnt. What is nearer than ``TIED`` roundings of 1 is as
        near: the same picture again is, whichever way a machine sums its products.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,) float, each in [0, 2 m].
        """
        scores = self.scores(image, caption)
        pair = scores.diagonal()
        out = no_negative(image_id, same_image=self.options.same_image_negatives)
        to_caption = (self.options.margin - pair[:, None] + scores).clamp(min=0)
        to_image = (self.options.margin - pair[None, :] + scores).clamp(min=0)
        near = pair - TIED * torch.finfo(pair.dtype).eps
        to_caption = to_caption.masked_fill(out | (scores >= near[:, None]), 0)
        to_image = to_image.masked_fill(out | (scores >= near[None, :]), 0)
        return to_caption.max(dim=1).values + to_image.max(dim=0).values

    def collapse(self) -> Collapse:
        """Both directions are nearly the margin: the nearest below the right answer is close."""
        margin, same = self.options.margin, self.options.same_image_negatives
        gentle = Every(margin, same_image=same, share=1.0)
        gentle.similarity = self.similarity
        return Collapse(2 * margin, gentle)


def build(options: Options, *, measured: Measured, dim: int) -> SemiHard:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return SemiHard(options)
