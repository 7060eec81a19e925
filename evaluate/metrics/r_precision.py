"""R-precision: of a query with R right answers, how many of its first R are right."""

import numpy as np
import numpy.typing as npt

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"r_precision": 100.0}
USES = "all"


def measure(hits: Hits, options: Settings) -> dict[str, npt.NDArray[np.float64]]:
    """``r_precision``: 100 / R times how many right answers are among the first R; (Q,), percent.

    It is precision and recall at R (Manning, Raghavan and Schuetze, Introduction to Information
    Retrieval, 2008, section 8.4); with one right answer, recall@1.

    Example:
        >>> measure(Hits.of([[1, 3, 9], [2, 3], [3]], gallery=10), Settings())
        {'r_precision': array([66.66666667, 50.        ,  0.        ])}
    """
    ranks, _ = hits.places()
    early = ranks <= np.repeat(hits.right, hits.right)
    return {"r_precision": 100 * hits.total(early) / hits.right}
