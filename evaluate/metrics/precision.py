"""Precision@K: how many of the first K are right."""

from functools import partial

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.settings import Settings
from evaluate.hits import Hits, Ints
from evaluate.measures import Depths

USUAL = (5, 10)
USES = "all"


class Options(Settings):
    """The options of precision."""

    k: Depths = Field(USUAL, min_length=1, description="of how many of the first")


def measure(hits: Hits, options: Options) -> dict[str, npt.NDArray[np.float64]]:
    """``pK`` for each K: 100 / K times how many right answers are among the first K; (Q,), percent.

    It is divided by K though a query has fewer right answers, or the gallery fewer candidates, as
    trec_eval does: of R right answers a ranking has 100 min(R, K) / K at most.

    Example:
        >>> measure(Hits.of([[1, 4], [6]], gallery=10), Options(k=(1, 5)))
        {'p1': array([100.,   0.]), 'p5': array([40.,  0.])}
    """
    ranks, _ = hits.places()
    return {f"p{k}": 100 * hits.total(ranks <= k) / k for k in options.k}


def _most(k: int, right: Ints) -> npt.NDArray[np.float64]:
    return 100 * np.minimum(right, k) / k


PERFECT = {f"p{k}": partial(_most, k) for k in USUAL}
