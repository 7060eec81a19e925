"""How far a difference might be another one on other pictures of the same kind: its interval."""

import numpy as np
import numpy.typing as npt

from evaluate.statistics.paired import Paired

RESAMPLES = 10_000
SEED = 0
LEVEL = 0.95
_ENTRIES = 2**22
"""Of a block of counts: 32 MB."""


def interval(
    both: Paired, *, resamples: int = RESAMPLES, seed: int = SEED, level: float = LEVEL
) -> npt.NDArray[np.float64]:
    """The percentile interval of each difference (Efron and Tibshirani 1993, section 13.3).

    As many pictures as there are are drawn with repetition, each with all of its queries; the
    gallery, and so each query's value, stays as it is.

    Returns:
        (2, M): the lower and the upper end.

    Example:
        >>> alike = Paired(np.full((9, 1), 2.0), np.ones((9, 1)), np.ones((1, 1)))
        >>> interval(alike).tolist()
        [[2.0], [2.0]]
    """
    pictures = len(both.sums)
    draws = np.random.default_rng(seed)
    block = max(1, _ENTRIES // pictures)
    found = []
    for begin in range(0, resamples, block):
        many = min(block, resamples - begin)
        drawn = draws.integers(0, pictures, (many, pictures))
        drawn += np.arange(many)[:, None] * pictures
        times = np.bincount(drawn.ravel(), minlength=many * pictures).reshape(many, pictures)
        weights = times.astype(np.float64)
        found.append(both.means(weights @ both.sums, weights @ both.counts))
    ends = (1 - level) / 2, (1 + level) / 2
    return np.quantile(np.concatenate(found), ends, axis=0)
