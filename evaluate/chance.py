"""What a blind guess reaches: the level below which no number says anything."""

import numpy as np

from evaluate.hits import Ints


def recall(right: Ints, gallery: int, k: int) -> float:
    """Recall@K, in percent, of a ranking drawn at random, all orders alike likely.

    A query with R right answers among N candidates misses them all in its first K with the chance
    C(N - R, K) / C(N, K); the mean over the queries of what is left is what a guess reaches.

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
    each, queries = np.unique(right, return_counts=True)
    drawn = np.arange(min(k, gallery))
    missed = np.prod((gallery - each[:, None] - drawn) / (gallery - drawn), axis=1)
    return float(100 * np.average(1 - missed, weights=queries))
