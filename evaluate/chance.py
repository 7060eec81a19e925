"""What a blind guess reaches: the level below which no number says anything."""

from collections.abc import Iterable
from fractions import Fraction
from math import comb, fsum

import numpy as np
import numpy.typing as npt

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


def recall_curve(right: Ints, gallery: int, among: Ints) -> npt.NDArray[np.float64]:
    """``recall`` at each of many K, in floats: for pictures, which no digit more would change.

    C(N - R, K) / C(N, K) is the product of (N - K - i) / (N - i) over i from 0 to R - 1.

    Args:
        right: (Q,) int64, each query's right answers, from 1 to ``gallery``.
        gallery: how many candidates.
        among: (P,) int64, each K at least 1.

    Returns:
        (P,) float64 from 0 to 100.

    Example:
        >>> recall_curve(np.array([1, 2]), 4, np.array([1, 3])).tolist()
        [37.5, 87.5]
    """
    sizes, many = np.unique(right, return_counts=True)
    left = np.maximum(gallery - among, 0).astype(np.float64)
    missed, lost, taken = np.ones(len(among)), np.zeros(len(among)), 0
    for own, queries in zip(sizes.tolist(), many.tolist(), strict=True):
        for i in range(taken, own):
            missed = missed * np.maximum(left - i, 0) / (gallery - i)
        taken, lost = own, lost + queries * missed
    return 100 * (1 - lost / len(right))


def recalls(right: Ints, gallery: int, among: Iterable[int]) -> dict[str, float]:
    """``recall`` at each K of ``among``, by the names that the measure has: ``r1`` and so on.

    Example:
        >>> recalls(np.array([1, 1]), 4, [1, 2])
        {'r1': 25.0, 'r2': 50.0}
    """
    return {f"r{k}": recall(right, gallery, k) for k in among}


def average_precision(right: Ints, gallery: int) -> float:
    """Mean average precision, in percent, of a ranking drawn at random, all orders alike likely.

    With R right answers among N candidates a rank i has a right one with the chance R / N, and then
    1 + (i - 1) (R - 1) / (N - 1) right ones down to it are to be expected, so that the mean is
    (H + (N - H) (R - 1) / (N - 1)) / N, where H = 1 + 1/2 + ... + 1/N (Bestgen, Exact expected
    average precision of the random baseline for system evaluation, 2015).

    Args:
        right: (Q,) int64, each query's right answers, from 1 to ``gallery``.
        gallery: how many candidates.

    Returns:
        Above 0, at most 100.

    Example:
        >>> average_precision(np.array([1, 2]), gallery=2)
        87.5
    """
    harmonic = fsum(1 / rank for rank in range(1, gallery + 1))
    others = (right - 1) / max(gallery - 1, 1)
    return float(100 * np.mean(harmonic + (gallery - harmonic) * others) / gallery)
