"""Recall@K: how often a right answer is among the first K."""

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.settings import Settings
from evaluate.hits import Hits
from evaluate.measures import Depths

PERFECT = {"r1": 100.0, "r5": 100.0, "r10": 100.0}
USES = "best"


class Options(Settings):
    """The options of recall."""

    k: Depths = Field((1, 5, 10), min_length=1, description="among how many of the first")


def measure(hits: Hits, options: Options) -> dict[str, npt.NDArray[np.float64]]:
    """``rK`` for each K: 100 where the best-placed right answer is among the first K, else 0.

    Each is (Q,) float64, in percent, so that the mean is the recall as the field counts it: the
    share of queries with at least one right answer among the first K.

    Example:
        >>> measure(Hits.of([[1], [3, 4], [12]], gallery=20), Options(k=(1, 5)))
        {'r1': array([100.,   0.,   0.]), 'r5': array([100., 100.,   0.])}
    """
    return {f"r{k}": np.where(hits.best <= k, 100.0, 0.0) for k in options.k}
