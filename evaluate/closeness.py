"""How close right pairs are, and the wrong ones that come closest: whether a space opens or folds.

Both are means over queries, in the similarity that is ranked by: of unit vectors the cosine, from
-1 to 1. A model that maps everything to one vector has 1 in both.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from evaluate.space import Space


@dataclass(frozen=True, slots=True)
class Hardest:
    """The highest score of a wrong candidate so far: of each image (N,), of each caption (M,)."""

    image: Tensor
    caption: Tensor

    @staticmethod
    def of(space: Space) -> "Hardest":
        """Nothing is looked at yet."""
        image, caption = (
            torch.full((len(side),), -torch.inf, dtype=torch.float64, device=side.device)
            for side in (space.image, space.caption)
        )
        return Hardest(image, caption)

    def look(self, rows: slice, columns: slice, scores: Tensor) -> None:
        """Take a block of wrong candidates (rows, columns); minus infinity is none."""
        for known, part, axis in ((self.image, rows, 1), (self.caption, columns, 0)):
            torch.maximum(known[part], scores.amax(axis), out=known[part])

    def closeness(self, right: Tensor, asks: Tensor) -> dict[str, float]:
        """``positive``, the mean of the right pairs, and ``negative``, of the hardest wrong ones.

        Args:
            right: (M,) float64, the score of each caption and its image.
            asks: (N,) bool, which images have a caption.

        Returns:
            ``negative`` is the mean of both directions, each the mean of its queries; a query that
            has no wrong candidate counts in none. Without any it is left out.
        """
        told = {"positive": right.mean().item()}
        directions = [self.image[asks], self.caption]
        found = [each[torch.isfinite(each)] for each in directions]
        means = [each.mean().item() for each in found if len(each)]
        return told | ({"negative": sum(means) / len(means)} if means else {})
