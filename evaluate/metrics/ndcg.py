"""nDCG: right answers count less the further down they stand, by the logarithm of the rank."""

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.settings import Settings
from evaluate.hits import Hits, Ints
from evaluate.measures import Depths

PERFECT = {"ndcg": 100.0}
USES = "all"


class Options(Settings):
    """The options of nDCG."""

    k: Depths = Field((), description="also over so many of the first alone")


def measure(hits: Hits, options: Options) -> dict[str, npt.NDArray[np.float64]]:
    """``ndcg``, over the whole gallery, and ``ndcgK`` over the first K; (Q,), percent.

    A right answer at the rank p gains 1 / log2(1 + p), a wrong one nothing; the sum is divided by
    that of a ranking with all right answers first (Jaervelin and Kekaelaeinen, Cumulated Gain-based
    Evaluation of IR Techniques, 2002, with the discount of Burges et al. 2005). K cuts both sums.

    Example:
        >>> measure(Hits.of([[1], [3]], gallery=10), Options(k=(2,)))
        {'ndcg': array([100.,  50.]), 'ndcg2': array([100.,   0.])}
    """
    ranks, _ = hits.places()
    ideal = hits.numbers()

    def gained(k: int) -> npt.NDArray[np.float64]:
        return 100 * hits.total(_gains(ranks, k)) / hits.total(_gains(ideal, k))

    return {"ndcg": gained(hits.gallery), **{f"ndcg{k}": gained(k) for k in options.k}}


def _gains(ranks: Ints, k: int) -> npt.NDArray[np.float64]:
    return np.where(ranks <= k, 1 / np.log2(1 + ranks), 0)
