"""Mixup of pairs: both sides of a pair are mixed with those of another, by one coefficient.

Zhang et al. 2018 (mixup), equation 1, without a mixture of labels, as FuseMix does with vectors
(Vouitsis et al. 2024, section 4.2): a mixed picture belongs to its equally mixed caption. Outputs
are mixed, before they are scaled to unit length: of a linear map, such as a bag of words, that is
the mixture of its inputs.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Mixup(NamedTuple):
    """Which row each row of a batch is mixed with, and how much of itself is left.

    Attributes:
        partner: (B,) int64, a row of one other picture for all rows of a picture.
        share: (B,) float64 in [1/2, 1], equal where two rows are of the same picture.
    """

    partner: Tensor
    share: Tensor

    @staticmethod
    def draw(image_id: Tensor, alpha: float) -> "Mixup":
        """A permutation of the batch's pictures, and for each l ~ Beta(alpha, alpha).

        The share is max(l, 1 - l), so that a row stays more itself than its partner. Row k of a
        picture has row k of the other as its partner, begun again where that one has fewer: all
        rows of a picture stay right answers of each other. A picture may be its own partner.

        Args:
            image_id: (B,) int64, equal where two rows are of the same picture.
            alpha: above 0; 1 draws uniformly.
        """
        rows, place, many = torch.unique(image_id, return_inverse=True, return_counts=True)
        order = torch.argsort(place, stable=True)
        start = many.cumsum(0) - many
        number = torch.empty_like(place)
        number[order] = torch.arange(len(place), device=place.device) - start[place[order]]
        other = torch.randperm(len(rows), device=place.device)
        partner = order[start[other][place] + number % many[other][place]]
        concentration = torch.full((len(rows), 2), alpha, dtype=torch.float64, device=place.device)
        share = torch.distributions.Dirichlet(concentration).sample().amax(1)
        return Mixup(partner, share[place])

    def of(self, vectors: Tensor) -> Tensor:
        """share * own + (1 - share) * partner's, of (B, D) float."""
        share = self.share.to(vectors.dtype)[:, None]
        return share * vectors + (1 - share) * vectors.index_select(0, self.partner)
