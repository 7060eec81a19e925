"""Recall@K: how often the right answer is among the first K."""

import numpy as np
import numpy.typing as npt

PERFECT = {"r1": 100.0, "r5": 100.0, "r10": 100.0}


def recall_at(ranks: npt.NDArray[np.int64], k: int) -> float:
    """The percentage of ``ranks`` (queries,) int64, counted from 1, that are at most ``k``.

    Example:
        >>> recall_at(np.array([1, 3, 12, 2]), 2)
        50.0
    """
    return 100.0 * float(np.count_nonzero(ranks <= k)) / len(ranks)


def measure(ranks: npt.NDArray[np.int64]) -> dict[str, float]:
    """``r1``, ``r5`` and ``r10`` in percent."""
    return {f"r{k}": recall_at(ranks, k) for k in (1, 5, 10)}
