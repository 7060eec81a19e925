"""Selective retrieval: what a system reaches that answers only the queries that it is surest of."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluate.scores.face import Floats

ANSWERED = tuple(range(100, 0, -5))
"""Shares of the queries that are answered, in percent."""
DECIMALS = 12
"""Confidences that are equal to so many are one: what is further behind is rounding."""
CONFIDENCE = "standard deviation of a query's similarities over its candidates"


def confidence(values: Floats) -> Floats:
    """How far each query tells its candidates apart, which takes no label: (Q,) float64 from 0.

    A query to which all candidates are equally alike is answered by lot; one that is near to some
    of them and far from the others knows what it asks for.

    Args:
        values: (Q, N) similarities, float64; minus infinity is no candidate.

    Example:
        >>> confidence(np.array([[0.5, 0.5, 0.5], [1.0, -1.0, -np.inf]])).tolist()
        [0.0, 1.0]
    """
    there = values > -np.inf
    many = there.sum(axis=1)
    centred = np.where(there, values, 0)
    centred -= (centred.sum(axis=1) / many)[:, None]
    centred[~there] = 0
    found: Floats = np.sqrt(np.einsum("ij,ij->i", centred, centred) / many)
    return found


@dataclass(frozen=True, slots=True)
class Selective:
    """Mean average precision, in percent, of the surest queries.

    ``map`` (len(ANSWERED),) float64, of each share. ``area`` is the mean over all numbers of
    queries that may be answered, from one to all; ``random`` that of who refuses by lot, which is
    the mAP of all; ``perfect`` of who answers the best queries first.
    """

    map: Floats
    area: float
    random: float
    perfect: float

    def to_json(self) -> dict[str, Any]:
        """Under these names."""
        ends = {"area": self.area, "random": self.random, "perfect": self.perfect}
        return {"map": self.map.tolist(), **ends}


def selective(precision: Floats, sure: Floats) -> Selective:
    """Answer the surest queries first, and as many as a share says.

    Of Q queries a share of s percent are the ceil(s Q / 100) surest. Queries of one confidence come
    in any order, all alike likely: each counts as the mean of them. The area is one minus that
    under the risk-coverage curve, of the risk 1 - AP (Geifman, Uziel and El-Yaniv, Bias-Reduced
    Uncertainty Estimation for Deep Neural Classifiers, 2019, section 2).

    Args:
        precision: (Q,) average precision of each query, float64 in percent; at least one.
        sure: (Q,) the confidence of each, float64.

    Example:
        >>> found = selective(np.array([100.0, 50.0]), np.array([0.2, 0.7]))
        >>> found.map[[0, -1]].tolist(), found.area, found.random, found.perfect
        ([75.0, 50.0], 62.5, 75.0, 87.5)
    """
    means, best = _means(precision, sure), _means(precision, precision)
    many = -(-np.array(ANSWERED) * len(precision) // 100)
    area, perfect = float(means.mean()), float(best.mean())
    return Selective(means[many - 1], area, float(precision.mean()), perfect)


def _means(precision: Floats, sure: Floats) -> Floats:
    """The mean precision of the n surest queries, for each n from 1: (Q,) float64."""
    _, group, many = np.unique(-np.round(sure, DECIMALS), return_inverse=True, return_counts=True)
    each = np.bincount(group, weights=precision) / many
    return np.cumsum(np.repeat(each, many)) / np.arange(1, len(precision) + 1)
