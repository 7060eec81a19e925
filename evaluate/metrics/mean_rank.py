"""Mean rank of the best-placed right answer."""

import numpy as np
import numpy.typing as npt

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"mean_rank": 1.0}
LOWER_IS_BETTER = frozenset({"mean_rank"})
USES = "best"


def measure(hits: Hits, options: Settings) -> dict[str, npt.NDArray[np.float64]]:
    """``mean_rank``: the rank of the best-placed right answer, (Q,) float64, at least 1.

    Example:
        >>> measure(Hits.of([[1], [2, 7], [3], [10]], gallery=10), Settings())
        {'mean_rank': array([ 1.,  2.,  3., 10.])}
    """
    return {"mean_rank": hits.best.astype(np.float64)}
