"""Mean rank."""

import numpy as np
import numpy.typing as npt

PERFECT = {"mean_rank": 1.0}


def measure(ranks: npt.NDArray[np.int64]) -> dict[str, float]:
    """``mean_rank`` of ``ranks`` (queries,) int64, counted from 1; at least 1.

    Example:
        >>> measure(np.array([1, 2, 3, 10]))
        {'mean_rank': 4.0}
    """
    return {"mean_rank": float(ranks.mean())}
