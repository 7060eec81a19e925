"""Principal components: the plane in which points spread most (Hotelling 1933)."""

import numpy as np

from evaluate.scores.face import Floats


def principal(points: Floats, many: int = 2) -> tuple[Floats, Floats]:
    """Where points lie along the axes of their greatest variance, and how much of it each holds.

    Args:
        points: (N, D) float64, at least one; N or D in the hundreds, or it takes seconds.
        many: how many axes.

    Returns:
        (N, many) float64 with mean 0, and (many,) float64 shares of all variance, falling. An axis
        that is not there, as of one point, has zeros. Of both directions of an axis that one is
        taken whose coordinate farthest from 0 is positive, so that the same points always give the
        same picture.

    Example:
        >>> places, shares = principal(np.array([[0.0, 0.0], [0.0, 4.0], [0.0, 11.0]]))
        >>> places[:, 0].tolist(), shares.tolist()
        ([-5.0, -1.0, 6.0], [1.0, 0.0])
    """
    centred = points - points.mean(axis=0)
    wide = centred.shape[1] > len(centred)
    # The smaller of both products has the same greatest values, and takes the least time.
    values, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    width = min(many, len(values))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1][:, :width]
    found, shares = np.zeros((len(points), many)), np.zeros(many)
    found[:, :width] = vectors * np.sqrt(values[:width]) if wide else centred @ vectors
    if values.sum() > 0:
        shares[:width] = values[:width] / values.sum()
    return found * _sign(found), shares


def _sign(places: Floats) -> Floats:
    """(many,) of 1 and -1; of two that are as far, but for rounding, the first decides."""
    size = np.abs(places)
    far = np.argmax(size >= size.max(axis=0) * (1 - 1e-9), axis=0)
    return np.where(places[far, np.arange(places.shape[1])] < 0, -1.0, 1.0)
