"""Means and covariances over the pairs of two sides, which are never made."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

Partners = Callable[[slice], Tensor]
"""Rows of the second side -> (n, p): of each the sum of all rows of the first that it is paired
with."""


class Pairing(NamedTuple):
    """Who is paired with whom: N rows of a first side with M of a second.

    ``first`` (N,) and ``second`` (M,) float64 are how many pairs each row is in; ``partners`` takes
    the first side, (N, p) float64.
    """

    first: Tensor
    second: Tensor
    partners: Callable[[Tensor], Partners]


class Moments(NamedTuple):
    """Float64: both means, (p,) and (q,), and the covariances (p, p), (q, q) and (p, q)."""

    first_mean: Tensor
    second_mean: Tensor
    first: Tensor
    second: Tensor
    across: Tensor


def owned(owner: Tensor, many: int) -> Pairing:
    """Each row of the second side with its own one of the ``many`` of the first: (M,) int64."""
    return Pairing(
        torch.bincount(owner, minlength=many).double(),
        torch.ones(len(owner), dtype=torch.float64),
        lambda rows: lambda part: rows[owner[part]],
    )


def of_one_class(first: Tensor, second: Tensor) -> Pairing:
    """Each row with all of the other side that have its class (Rasiwasia et al. 2014, section 3).

    A pair of rows that share several classes counts once for each; a row without a class is in no
    pair. What a row is paired with follows from the sums of the classes.

    Args:
        first: (N, C) bool, the classes of the first side's rows.
        second: (M, C) bool, those of the second's.
    """
    one, other = first.double(), second.double()

    def partners(rows: Tensor) -> Partners:
        sums = one.T @ rows
        return lambda part: other[part] @ sums

    return Pairing(one @ other.sum(0), other @ one.sum(0), partners)


def moments(rows: Tensor, blocks: Iterable[Tensor], pairing: Pairing, *, width: int) -> Moments:
    """What the table of all pairs would have for means and covariances, each pair a row of it.

    Args:
        rows: (N, p) float, the first side.
        blocks: of the second side, (n, width) float each, M rows in all, in their order.
        pairing: at least one pair.
        width: q.
    """
    rows, total = rows.double(), pairing.second.sum()
    mean = pairing.first @ rows / total
    flat = rows - mean
    partners = pairing.partners(flat)
    first = (flat * pairing.first[:, None]).T @ flat / total
    mean_there = torch.zeros(width, dtype=torch.float64)
    squares = torch.zeros(width, width, dtype=torch.float64)
    across = torch.zeros(rows.shape[1], width, dtype=torch.float64)
    start = 0
    for block in blocks:
        part = slice(start, start + len(block))
        used = block.any(0).nonzero()[:, 0].cpu()  # most words are in no caption of a block
        few = block.cpu().double()[:, used]
        weighted = few * pairing.second[part, None]
        mean_there[used] += weighted.sum(0)
        squares[used[:, None], used] += weighted.T @ few
        across[:, used] += partners(part).T @ few
        start = part.stop
    mean_there = mean_there / total
    second = squares / total - mean_there[:, None] * mean_there
    return Moments(mean, mean_there, first, second, across / total)
