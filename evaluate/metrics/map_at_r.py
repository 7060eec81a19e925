"""Average precision over the first R, of R right answers; its mean is mAP@R."""

import numpy as np
import numpy.typing as npt

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"map_r": 100.0}
USES = "all"


def measure(hits: Hits, options: Settings) -> dict[str, npt.NDArray[np.float64]]:
    """``map_r``: 100 / R times the sum of i / p_i over p_i <= R; (Q,), percent.

    With the ranks p_1 < ... < p_R of the right answers (Musgrave, Belongie and Lim, A Metric
    Learning Reality Check, 2020; what ECCV Caption reports, Chun et al. 2022).

    Example:
        >>> measure(Hits.of([[1, 3, 9], [2, 3], [3]], gallery=10), Settings())
        {'map_r': array([55.55555556, 25.        ,  0.        ])}
    """
    ranks, _ = hits.places()
    early = ranks <= np.repeat(hits.right, hits.right)
    return {"map_r": 100 * hits.total(np.where(early, hits.numbers() / ranks, 0)) / hits.right}
