"""How far a difference might be another one on other pictures of the same kind: its interval."""

import numpy as np
import numpy.typing as npt

from evaluate.statistics.bootstrap import RESAMPLES, ends
from evaluate.statistics.draws import drawn
from evaluate.statistics.paired import Paired
from evaluate.statistics.reweighted import exactly_summed


def interval(both: Paired, *, resamples: int = RESAMPLES) -> npt.NDArray[np.float64]:
    """The percentile interval of each difference, its ends as those of a report's numbers.

    The pictures are drawn as for the intervals of a report (``evaluate.statistics.bootstrap``): as
    many as there are, with repetition, each with all of its queries; the gallery, and so each
    query's value, stays as it is. A resample in which nothing is asked that a measure takes is left
    out of its interval, as it is there.

    Returns:
        (2, M): the lower and the upper end.

    Example:
        >>> alike = Paired(np.full((9, 1), 2.0), np.ones((9, 1)), np.ones((1, 1)))
        >>> interval(alike).tolist()
        [[2.0], [2.0]]
    """
    sums = exactly_summed(both.sums)
    found = []
    for counts in drawn(len(sums), resamples):
        weights = counts.astype(np.float64)
        found.append(both.means(weights @ sums, weights @ both.counts))
    return np.array([ends(each) for each in np.concatenate(found).T]).T
