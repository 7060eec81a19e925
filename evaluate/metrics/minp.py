"""Inverse negative penalty: what it costs to find the last right answer; its mean is mINP."""

import numpy as np
import numpy.typing as npt

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"minp": 100.0}
USES = "all"


def measure(hits: Hits, options: Settings) -> dict[str, npt.NDArray[np.float64]]:
    """``minp``: 100 R / p_R, with the rank p_R of the last of R right answers; (Q,), percent.

    It is the precision where all right answers are found (Ye et al., Deep Learning for Person
    Re-identification: A Survey and Outlook, 2021).

    Example:
        >>> measure(Hits.of([[1, 4], [1, 2], [10]], gallery=10), Settings())
        {'minp': array([ 50., 100.,  10.])}
    """
    ranks, offsets = hits.places()
    return {"minp": 100 * hits.right / ranks[offsets[1:] - 1]}
