"""Canonical correlations in closed form (Hotelling 1936; regularised as by Vinod 1976)."""

from typing import NamedTuple

import torch
from torch import Tensor


class Directions(NamedTuple):
    """The pairs of directions that are correlated most, the highest first.

    ``first`` (p, k) and ``second`` (q, k) map centred vectors of each side, ``correlation`` (k,) is
    that of each pair, in [0, 1].
    """

    first: Tensor
    second: Tensor
    correlation: Tensor


def canonical_correlations(
    first: Tensor, second: Tensor, across: Tensor, *, width: int, ridge: float
) -> Directions:
    """Solve max corr(a . x, b . y) under unit variances, ``width`` times.

    With C + ridge * mean variance * I = L L^T on each side, a and b are L^-T times the singular
    vectors of Lx^-1 Cxy Ly^-T. Of the two signs of a pair the one is taken that makes the largest
    entry of ``second`` positive.

    Args:
        first: (p, p) float64, the covariance of one side.
        second: (q, q) float64, that of the other.
        across: (p, q) float64, between them.
        width: k, at most p and q.
        ridge: above 0; what is added to the variances, as a share of their mean.
    """
    roots = [_root(covariance, ridge) for covariance in (first, second)]
    inner = torch.linalg.solve_triangular(roots[0], across, upper=False)
    inner = torch.linalg.solve_triangular(roots[1], inner.T, upper=False).T
    left, values, right = torch.linalg.svd(inner, full_matrices=False)
    axes = [
        torch.linalg.solve_triangular(root.T, side[:, :width], upper=True)
        for root, side in zip(roots, (left, right.T), strict=True)
    ]
    largest = axes[1].gather(0, axes[1].abs().argmax(0, keepdim=True))
    signs = torch.where(largest < 0, -1.0, 1.0)
    return Directions(axes[0] * signs, axes[1] * signs, values[:width].clamp(max=1))


def _root(covariance: Tensor, ridge: float) -> Tensor:
    shift = ridge * covariance.diagonal().mean().clamp(min=1e-12)
    root: Tensor = torch.linalg.cholesky(covariance + torch.diag(shift.expand(len(covariance))))
    return root
