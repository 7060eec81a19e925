"""McNemar's exact test on hits: of the queries that one alone answers, how many are whose."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HIT, MISS = 100.0, 0.0


@dataclass(frozen=True, slots=True)
class Discordant:
    """How many queries the first alone hits, how many the other alone, and the two-sided ``p``."""

    first: int
    other: int
    p: float


def mcnemar(first: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> Discordant | None:
    """The exact test of McNemar (1947): a coin decides who of two equals hits what one alone hits.

    p is twice the smaller tail of the binomial distribution of 1/2, at most 1. It takes the queries
    to be independent, as one a picture is; of several captions of one picture p comes out too
    small.

    Args:
        first: (Q,), a query's value: 100 where it is hit, else 0.
        other: (Q,), of the same queries.

    Returns:
        None where the values are no hits.

    Example:
        >>> hits = np.array([100.0] * 6 + [0.0])
        >>> mcnemar(hits, hits[::-1] * 0)
        Discordant(first=6, other=0, p=0.03125)
    """
    if not all(np.isin(each, (HIT, MISS)).all() for each in (first, other)):
        return None
    alone = int(((first == HIT) & (other == MISS)).sum())
    others = int(((first == MISS) & (other == HIT)).sum())
    return Discordant(alone, others, _two_sided(min(alone, others), alone + others))


def _two_sided(smaller: int, of: int) -> float:
    """Twice the chance of at most ``smaller`` heads of ``of``, in whole numbers to the end."""
    ways = term = 1
    for heads in range(smaller):
        term = term * (of - heads) // (heads + 1)
        ways += term
    return min(1.0, 2 * ways / (1 << of))
