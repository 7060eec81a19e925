"""Average precision over the first K, divided by what K places can hold; its mean is mAP@K."""

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.settings import Settings
from evaluate.hits import Hits
from evaluate.measures import Depths

PERFECT = {"map10": 100.0}
USES = "all"


class Options(Settings):
    """The options of average precision at K."""

    k: Depths = Field((10,), min_length=1, description="over how many of the first")


def measure(hits: Hits, options: Options) -> dict[str, npt.NDArray[np.float64]]:
    """``mapK`` for each K: 100 / min(R, K) times the sum of i / p_i over p_i <= K; (Q,), percent.

    With the ranks p_1 < ... < p_R of the right answers. It is ``map`` where K is the whole gallery.
    Others divide by R (trec_eval's ``map_cut``), by which no ranking has 100 where R > K, or by the
    number of right answers found (as in works on hashing), by which a ranking gains when a right
    answer falls out of the first K.

    Example:
        >>> measure(Hits.of([[1, 4, 9], [3]], gallery=10), Options(k=(2, 4)))
        {'map2': array([50.,  0.]), 'map4': array([50.        , 33.33333333])}
    """
    ranks, _ = hits.places()
    precision = hits.numbers() / ranks
    return {
        f"map{k}": 100 * hits.total(np.where(ranks <= k, precision, 0)) / np.minimum(hits.right, k)
        for k in options.k
    }
