"""The three losses of DSCMR: label space, common space, and what a pair is apart.

Zhen et al. 2019, equations 2 to 7: J = J1 + lambda J2 + eta J3.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.linalg import vector_norm

from core.settings import Settings
from train.likelihood import common_space
from train.measured import Measured

Form = Literal["paper", "code"]


class Options(Settings):
    """The options of DSCMR's loss."""

    form: Form = Field(
        "code",
        description="label space and pairs by the norm of the whole batch over its size, as the "
        "paper writes them, or by the mean of the rows' norms, as the public code does",
    )
    common: float = Field(1e-3, ge=0, description="lambda: the weight of the common space, J2")
    apart: float = Field(1e-1, ge=0, description="eta: the weight of what a pair is apart, J3")


class DSCMR(nn.Module):
    """J1 + lambda J2 + eta J3; the classifier is the task's, which gives what it says of a row."""

    def __init__(self, options: Options):
        """A loss without weights."""
        super().__init__()
        self.options = options

    def forward(
        self,
        image_vector: Tensor,
        caption_vector: Tensor,
        image_class: Tensor,
        caption_class: Tensor,
        label: Tensor,
    ) -> Tensor:
        """The loss of a batch, () float, at least 0.

        The two forms differ in J1 and J3: a norm over all rows, divided by how many there are, and
        the mean of each row's norm. J2 is the same in both.

        Args:
            image_vector: (B, D) float of any length; row b belongs to caption b.
            caption_vector: (B, D) float of any length.
            image_class: (B, C) float, what the classifier says of the image.
            caption_class: (B, C) float, and of the caption.
            label: (B, C) bool; a row without any takes no part in J1 and J2.
        """
        form = self.options.form
        total = label_space(image_class, caption_class, label, form=form)
        if self.options.common:
            total = total + self.options.common * common_space(image_vector, caption_vector, label)
        if self.options.apart:
            apart = invariance(image_vector, caption_vector, form=form)
            total = total + self.options.apart * apart
        return total


def label_space(image: Tensor, caption: Tensor, label: Tensor, *, form: Form) -> Tensor:
    """J1: how far what is said of the classes is from the labels, of both sides; () float.

    ``paper``: ``(1/n) |P - Y|_F`` of each side; ``code``: the mean over rows of ``|p_b - y_b|``.
    Of several labels of a row each is a 1 of ``y_b``.

    Args:
        image: (B, C) float.
        caption: (B, C) float.
        label: (B, C) bool; ``n`` is how many rows have one, and others take no part.
        form: of the norm.
    """
    known = label.any(1, keepdim=True).to(image.dtype)
    many = known.sum().clamp(min=1)
    right = label.to(image.dtype)
    sides = [_length((side - right) * known, form) for side in (image, caption)]
    return torch.stack(sides).sum() / many


def invariance(image: Tensor, caption: Tensor, *, form: Form) -> Tensor:
    """J3: how far both sides of a pair (B, D) are apart; () float. Labels do not enter.

    ``paper``: ``(1/B) |U - V|_F``; ``code``: the mean over rows of ``|u_b - v_b|``.
    """
    return _length(image - caption, form) / len(image)


def _length(rows: Tensor, form: Form) -> Tensor:
    """The norm of all, or the sum of each row's; where it is 0, the gradient is 0 too."""
    length: Tensor = vector_norm(rows) if form == "paper" else vector_norm(rows, dim=1).sum()
    return length


def build(options: Options, *, measured: Measured, dim: int) -> DSCMR:
    """The loss; it needs to know nothing of the data."""
    del measured, dim
    return DSCMR(options)


def example(rows: int) -> dict[str, Tensor]:
    """For tests, of three classes: ``..._class`` (rows, 3), ``label`` (rows, 3), some without."""
    draw = torch.Generator().manual_seed(rows)
    said = {f"{side}_class": torch.randn(rows, 3, generator=draw) for side in ("image", "caption")}
    number = torch.arange(rows)
    return {**said, "label": (number[:, None] % 4 == torch.arange(3)) & (number % 3 < 2)[:, None]}
