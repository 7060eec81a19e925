"""What a blind guess reaches: the level below which no number says anything."""

from fractions import Fraction
from math import comb

import numpy as np

from evaluate.hits import Ints


def recall(right: Ints, gallery: int, k: int) -> float:
    """Recall@K, in percent, of a ranking drawn at random, all orders alike likely.

    A query with R right answers among N candidates misses them all in its first K with the chance
    C(N - R, K) / C(N, K); the mean over the queries of what is left is what a guess reaches. It is
    computed in whole numbers and rounded once, so that one of 40 is 2.5 and nothing else.

    Args:
        right: (Q,) int64, each query's right answers, from 1 to ``gallery``.
        gallery: how many candidates.
        k: among how many of the first, at least 1.

    Returns:
        From 0 to 100; exactly 100 where each query has fewer than K wrong candidates.

    Example:
        >>> recall(np.array([1, 1]), gallery=4, k=1)
        25.0
    """
    drawn = min(k, gallery)
    every = comb(gallery, drawn)
    each = zip(*np.unique(right, return_counts=True), strict=True)
    found = sum(int(many) * (every - comb(gallery - int(own), drawn)) for own, many in each)
    return float(Fraction(100 * found, every * len(right)))
