"""Precision-recall curve: the precision that can be had at each level of recall."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.settings import Settings
from evaluate.hits import Hits

CURVE = "precision_at_recall"
LEVELS = tuple(range(0, 101, 10))
PERFECT = {**{f"{CURVE}_{level}": 100.0 for level in LEVELS}, "iap": 100.0}
USES = "all"


class Options(Settings):
    """The options of the curve."""

    levels: tuple[Annotated[int, Field(ge=0, le=100)], ...] = Field(
        LEVELS, min_length=1, description="at which recall, in percent"
    )


def measure(hits: Hits, options: Options) -> dict[str, npt.NDArray[np.float64]]:
    """``precision_at_recall_L`` for each level L, and ``iap``, the mean of these; (Q,), percent.

    The precision at a recall of L percent is interpolated: the highest at that recall or any above
    it, down the ranking. With the 11 levels of 0, 10 ... 100 it is the curve of TREC, and ``iap``
    its 11-point interpolated average precision (Manning, Raghavan and Schuetze, Introduction to
    Information Retrieval, 2008, section 8.4).

    Example:
        >>> measure(Hits.of([[2, 3], [1, 4]], gallery=10), Options(levels=(0, 50, 100)))
        ... # doctest: +NORMALIZE_WHITESPACE
        {'precision_at_recall_0': array([ 66.66666667, 100.        ]),
         'precision_at_recall_50': array([ 66.66666667, 100.        ]),
         'precision_at_recall_100': array([66.66666667, 50.        ]),
         'iap': array([66.66666667, 83.33333333])}
    """
    first, best = hits.places()[1][:-1], _best_from_here(hits)
    # In whole numbers: a recall of 3 of 5 is 60 percent, and no rounding puts it below.
    needed = {level: np.maximum(-(-level * hits.right // 100), 1) for level in options.levels}
    curve = {f"{CURVE}_{level}": 100 * best[first + at - 1] for level, at in needed.items()}
    return {**curve, "iap": np.mean(list(curve.values()), axis=0)}


def _best_from_here(hits: Hits) -> npt.NDArray[np.float64]:
    """The highest precision at each right answer or a later one of its query, (sum of right,)."""
    ranks, offsets = hits.places()
    best = hits.numbers() / ranks
    for many in np.unique(hits.right):
        at = offsets[:-1][hits.right == many, None] + np.arange(many)
        best[at] = np.maximum.accumulate(best[at][:, ::-1], axis=1)[:, ::-1]
    return best
