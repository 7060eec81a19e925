"""Median rank, as VSE++ reports it: floor(median of the ranks from 0) + 1."""

import numpy as np
import numpy.typing as npt

from core.settings import Settings
from evaluate.hits import Hits
from evaluate.statistics.draws import Counts
from evaluate.statistics.median import Floats, Rows, medians

PERFECT = {"median_rank": 1.0}
LOWER_IS_BETTER = frozenset({"median_rank"})
USES = "best"


def measure(hits: Hits, options: Settings) -> dict[str, npt.NDArray[np.float64]]:
    """``median_rank``: the rank of the best-placed right answer, (Q,) float64, at least 1.

    Example:
        >>> values = measure(Hits.of([[1], [2, 7], [3], [9]], gallery=10), Settings())
        >>> values
        {'median_rank': array([1., 2., 3., 9.])}
        >>> float(SUMMARY["median_rank"](values["median_rank"]))
        2.0
    """
    return {"median_rank": hits.best.astype(np.float64)}


def _median(ranks: npt.NDArray[np.float64]) -> float:
    return float(np.floor(np.median(ranks - 1)) + 1)


def _medians(ranks: Floats, rows: Rows, counts: Counts) -> Floats:
    found: Floats = np.floor(medians(ranks - 1, rows, counts)) + 1
    return found


SUMMARY = {"median_rank": _median}
RESAMPLED = {"median_rank": _medians}
