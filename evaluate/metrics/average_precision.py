"""Average precision over the whole gallery; its mean over the queries is mAP@all."""

import numpy as np
import numpy.typing as npt

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"map": 100.0}
USES = "all"


def measure(hits: Hits, options: Settings) -> dict[str, npt.NDArray[np.float64]]:
    """``map``: the mean, over all right answers, of the precision down to each; (Q,), percent.

    For right answers at the ranks p_1 < ... < p_R: 100 / R * (1 / p_1 + 2 / p_2 + ... + R / p_R)
    (Manning, Raghavan and Schuetze, Introduction to Information Retrieval, 2008, equation 8.8).

    Example:
        >>> measure(Hits.of([[1, 4], [2]], gallery=10), Settings())
        {'map': array([75., 50.])}
    """
    ranks, _ = hits.places()
    return {"map": 100 * hits.total(hits.numbers() / ranks) / hits.right}
