"""The two losses of MRL: classes whose labels may be wrong, and pairs that need no label.

Hu et al. 2021, as their public code has them: beta RC + (1 - beta) MC. With the task's
``classifier = "cosine"`` what is said of a class is the cosine with its unit vector.
"""

import torch
from pydantic import Field
from torch import Tensor, nn

from core.settings import Settings
from train.contrasts import contrast
from train.measured import Measured


class Options(Settings):
    """The options of MRL's loss."""

    beta: float = Field(
        0.7,
        ge=0,
        le=1,
        description="the weight of the classes, RC; that of the pairs, MC, is 1 - beta",
    )
    temperature: float = Field(
        1.0, ge=1e-2, description="tau: what is said of the classes and similarities divide by it"
    )
    same_image_negatives: bool = Field(
        False, description="other captions of the same picture are negatives, and it itself again"
    )


class MRL(nn.Module):
    """beta RC + (1 - beta) MC; the classifier is the task's, which gives what it says of a row."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(
        self,
        image: Tensor,
        caption: Tensor,
        image_class: Tensor,
        caption_class: Tensor,
        image_id: Tensor,
        label: Tensor,
    ) -> Tensor:
        """The loss of a batch, () float: RC is at most 0, MC at least 0.

        MC is twice the mean of ``train.contrasts.contrast``: the public code adds what it finds
        by rows and by columns, which is the same where similarities are symmetric.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_class: (B, C) float, what the classifier says of the image.
            caption_class: (B, C) float, and of the caption.
            image_id: (B,) int64, equal where two rows are of the same picture.
            label: (B, C) bool; a row without any takes part in MC alone.
        """
        options = self.options
        classes = robust_clustering(image_class, caption_class, label, options.temperature)
        out = None if options.same_image_negatives else image_id
        pairs = 2 * contrast(image, caption, out, options.temperature)
        return options.beta * classes + (1 - options.beta) * pairs


def robust_clustering(image: Tensor, caption: Tensor, label: Tensor, temperature: float) -> Tensor:
    """RC: the mean over rows of log(1 - p), p the share of what is labelled; both sides, () float.

    ``p`` is the softmax of what is said over the temperature, summed over the labels of a row: the
    public code has one label a row. The gradient of a row's own class is -p / temperature where
    the cross entropy has -(1 - p) / temperature: what the classifier doubts weighs little, where
    wrong labels are. It is computed without 1 - p, so that it stays finite as p comes to 1.

    Args:
        image: (B, C) float.
        caption: (B, C) float.
        label: (B, C) bool; a row without any, or with all of them, takes no part.
        temperature: above 0.
    """
    known = label.any(1) & ~label.all(1)
    right = label & known[:, None]
    total = image.new_zeros(())
    for said in (image / temperature, caption / temperature):
        wrong = said.masked_fill(right, -torch.inf).logsumexp(1)
        total = total + ((wrong - said.logsumexp(1)) * known).sum()
    return total / known.sum().clamp(min=1)


def build(options: Options, *, measured: Measured, dim: int) -> MRL:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return MRL(options)


def example(rows: int) -> dict[str, Tensor]:
    """For tests, of three classes: ``..._class`` (rows, 3) are cosines, ``label`` (rows, 3)."""
    draw = torch.Generator().manual_seed(rows)
    said = {
        f"{side}_class": torch.rand(rows, 3, generator=draw) * 2 - 1
        for side in ("image", "caption")
    }
    number = torch.arange(rows)
    return {**said, "label": (number[:, None] % 4 == torch.arange(3)) & (number % 3 < 2)[:, None]}
