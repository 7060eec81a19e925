"""The triplet ranking losses of VSE0 and VSE++ (Faghri et al. 2018, equations 5 and 6)."""

from typing import Literal

from pydantic import Field
from torch import Tensor

from core.settings import Settings
from train.collapse import Collapse
from train.losses._batch import no_negative
from train.measured import Measured
from train.scored import Scored


class Options(Settings):
    """The options of the hinge."""

    margin: float = Field(0.2, ge=0, description="by how much a pair must beat a negative")
    negatives: Literal["hardest", "all"] = Field(
        "hardest", description="the hardest of the batch (VSE++), or the sum over all (VSE0)"
    )
    same_image_negatives: bool = Field(
        True, description="other captions of the same picture are negatives, as published"
    )


class Hinge(Scored):
    """Both directions' hinges, summed over the batch."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """Score each pair against the batch; s(i, c) is the score of i and c.

        Equation 6, hardest: max_c' [m - s(i, c) + s(i, c')]+ + max_i' [m - s(i, c) + s(i', c)]+.
        Equation 5, all: the sums in the place of the maxima. A pair without negatives costs 0.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            A scalar float, at least 0.
        """
        scores = self.scores(image, caption)
        pair = scores.diagonal()
        no_negative = self._no_negative(image_id)
        to_caption = (self.options.margin - pair[:, None] + scores).clamp(min=0)
        to_image = (self.options.margin - pair[None, :] + scores).clamp(min=0)
        to_caption = to_caption.masked_fill(no_negative, 0)
        to_image = to_image.masked_fill(no_negative, 0)
        if self.options.negatives == "all":
            return to_caption.sum() + to_image.sum()
        return to_caption.max(dim=1).values.sum() + to_image.max(dim=0).values.sum()

    def summed(self, image_id: Tensor) -> int:
        """How many hinges ``forward`` sums: of each pair and each of its negatives, or the hardest.

        Args:
            image_id: (B,) int64, as ``forward`` takes it.

        Returns:
            Of both directions together; 0 where no pair has a negative.
        """
        negative = ~self._no_negative(image_id)
        return 2 * int((negative if self.options.negatives == "all" else negative.any(1)).sum())

    def collapse(self) -> Collapse | None:
        """With the hardest negatives: a hinge is the margin, and equation 5 is the way back."""
        if self.options.negatives == "all":
            return None
        gentle = Hinge(self.options.model_copy(update={"negatives": "all"}))
        gentle.similarity = self.similarity
        return Collapse(self.options.margin, gentle)

    def _no_negative(self, image_id: Tensor) -> Tensor:
        return no_negative(image_id, same_image=self.options.same_image_negatives)


def build(options: Options, *, measured: Measured, dim: int) -> Hinge:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return Hinge(options)
