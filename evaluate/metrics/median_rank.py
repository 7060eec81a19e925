"""Median rank, as VSE++ reports it: floor(median of the ranks from 0) + 1."""

import numpy as np
import numpy.typing as npt

PERFECT = {"median_rank": 1.0}


def measure(ranks: npt.NDArray[np.int64]) -> dict[str, float]:
    """``median_rank`` of ``ranks`` (queries,) int64, counted from 1; at least 1, a whole number.

    Example:
        >>> measure(np.array([1, 2, 3, 9]))
        {'median_rank': 2.0}
    """
    return {"median_rank": float(np.floor(np.median(ranks - 1)) + 1)}
