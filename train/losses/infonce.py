"""InfoNCE with a learned temperature, and with one right answer or several.

Van den Oord et al. 2018, equation 4, in both directions as in CLIP (Radford et al. 2021, figure 3).
"""

import math
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from core.settings import Settings
from train.distinct import each_once, of_rows
from train.losses._batch import no_negative, rows_of_its_picture
from train.measured import Measured
from train.scored import Scored

LEAST, MOST = 0.001, 0.5


class Options(Settings):
    """The options of InfoNCE."""

    temperature: float = Field(
        0.07, ge=LEAST, le=MOST, description="similarities are divided by it; where it begins"
    )
    learned: bool = Field(True, description="the temperature learns too, within 0.001 and 0.5")
    positives: Literal["one", "several"] = Field(
        "several", description="right is the pair's own caption, or every caption of its picture"
    )
    same_image_negatives: bool = Field(
        False, description="with one: other captions of the same picture are negatives"
    )


class InfoNCE(Scored):
    """The cross entropy of the right answers among the batch.

    Attributes:
        log_temperature: () a weight where it is learned.
    """

    def __init__(self, options: Options):
        """Begin with the temperature of ``options``."""
        super().__init__()
        self.options = options
        value = torch.tensor(math.log(options.temperature))
        self.log_temperature = nn.Parameter(value, requires_grad=options.learned)

    def forward(self, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        """Half of both directions' -log p of a pair, p being the softmax of s / temperature.

        With several right answers a caption asks for its picture among the *distinct* pictures of
        the batch, and a picture for the mean of -log p over its captions there. So a batch that
        holds five captions of each picture is no harder than one that holds one.

        Args:
            image: (B, D) float, unit vectors; row b belongs to caption b.
            caption: (B, D) float, unit vectors.
            image_id: (B,) int64, equal where two rows are of the same picture.

        Returns:
            (B,) float, each at least 0.
        """
        # The weight itself, as the gradient of a clamped value would be 0 for good.
        with torch.no_grad():
            self.log_temperature.clamp_(math.log(LEAST), math.log(MOST))
        temperature = self.log_temperature.exp().to(image.dtype)
        if self.options.positives == "several":
            first, place = each_once(image_id)
            many = torch.bincount(place, minlength=len(first)).to(image.dtype)
            if (mean := _one_vector_each(image, first, place, many)) is not None:
                return _distinct(self.scores(mean, caption) / temperature, place, many)
            return _several(self.scores(image, caption) / temperature, image_id)
        return self._one(self.scores(image, caption) / temperature, image_id)

    def _one(self, logits: Tensor, image_id: Tensor) -> Tensor:
        same = self.options.same_image_negatives
        own = torch.eye(len(image_id), dtype=torch.bool, device=image_id.device)
        out = no_negative(image_id, same_image=same) & ~own
        logits = logits.masked_fill(out, -torch.inf)
        return (logits.logsumexp(0) + logits.logsumexp(1)) / 2 - logits.diagonal()


def _one_vector_each(image: Tensor, first: Tensor, place: Tensor, many: Tensor) -> Tensor | None:
    """The vector of each picture, (P, D); None where one has several: each row draws a crop.

    As the mean of its rows, so that each of them has its share of the gradient.
    """
    with torch.no_grad():
        if not torch.equal(of_rows(image[first], place), image):
            return None
    return image.new_zeros(len(many), image.shape[1]).index_add(0, place, image) / many[:, None]


def _distinct(logits: Tensor, place: Tensor, many: Tensor) -> Tensor:
    """What ``_several`` gives where a picture's rows are one vector; ``logits`` (pictures, B)."""
    right = logits.gather(0, place[None])[0]
    mean = torch.zeros_like(many).index_add(0, place, right) / many
    captions = of_rows(logits.logsumexp(1) - mean, place)
    return (captions + logits.logsumexp(0) - right) / 2


def _several(logits: Tensor, image_id: Tensor) -> Tensor:
    same = image_id[:, None] == image_id[None, :]
    many = rows_of_its_picture(image_id, logits)
    captions = logits.logsumexp(1) - (logits * same).sum(1) / many
    pictures = logits - many.log()[:, None]
    right = pictures.masked_fill(~same, -torch.inf)
    return (captions + pictures.logsumexp(0) - right.logsumexp(0)) / 2


def build(options: Options, *, measured: Measured, dim: int) -> InfoNCE:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return InfoNCE(options)
