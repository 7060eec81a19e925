"""The median of many resamples at once."""

from math import ceil

import numpy as np
import numpy.typing as npt

from evaluate.statistics.draws import Counts

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
_WIDE = 3.0
"""How far from the middle a resample's is sought first, in 1/sqrt(pictures) of all values."""
_ELEMENTS = 2**18


def medians(values: Floats, rows: Rows, counts: Counts) -> Floats:
    """The median of each of B resamples, (B,): of an even number the mean of the middle two.

    Args:
        values: (Q,), rising.
        rows: (Q,) the picture that each belongs to, from 0 to P - 1.
        counts: (B, P) int64, how often each picture is drawn, with all its values.

    Returns:
        NaN where none is drawn that has a value.

    Example:
        >>> medians(np.array([1.0, 2.0, 8.0]), np.arange(3), np.array([[1, 1, 1], [0, 1, 1]]))
        array([2., 5.])
    """
    many = len(values)
    wide = ceil(_WIDE * many / counts.shape[1] ** 0.5)
    near = slice(max(0, many // 2 - wide), many // 2 + wide)
    found = _sought(values, rows, counts, near)
    lost = np.isnan(found)
    if lost.any():
        found[lost] = _sought(values, rows, counts[lost], slice(0, many))
    return found


def _sought(values: Floats, rows: Rows, counts: Counts, among: slice) -> Floats:
    """The medians that are found in a slice of the values; NaN for the others."""
    pictures = counts.shape[1]
    edges = np.stack([np.bincount(rows[:end], minlength=pictures) for end in (among.start, None)])
    before, all_of_them = edges @ counts.T
    places = (all_of_them - 1) // 2, all_of_them // 2
    found = np.full(len(counts), np.nan)
    near, rows, few = values[among], rows[among], counts.astype(np.int32)
    step = max(1, _ELEMENTS // max(1, len(rows)))
    for first in range(0, len(counts), step):
        part = slice(first, first + step)
        up_to = np.cumsum(np.take(few[part], rows, axis=1), axis=1, dtype=np.int32)
        # The value at a place, from 0, is the first up to which more than that many were drawn.
        at = [np.count_nonzero(up_to <= (p - before)[part, None], axis=1) for p in places]
        inside = (before <= places[0])[part] & (at[1] < len(rows))
        lower, upper = (near[np.minimum(each, len(rows) - 1)] for each in at)
        found[part] = np.where(inside, (lower + upper) / 2, np.nan)
    return found
