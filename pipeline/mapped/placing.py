"""Points of a space as places of a plane, by one of two methods."""

from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from core.errors import SettingError
from evaluate.principal import principal
from evaluate.scores.face import Floats
from pipeline.mapped.neighbours import LEAST, METHODS

NAMES = {"tsne": "t-SNE", "pca": "principal components"}
"""What may be chosen, and what a person calls it."""


class Placed(NamedTuple):
    """``places`` (N, 2) float64; ``told`` is what must be known of them, or empty."""

    places: Floats
    told: str


def method(by: str, points: int) -> str:
    """``by``; where it is ``auto`` t-SNE, if it is there and the smallest panel has enough points.

    Raises:
        SettingError: it is not there, or there are too few.
    """
    library, _ = METHODS[NAMES["tsne"]]
    lacks = "" if find_spec(library) else "scikit-learn is not installed (make setup EXTRAS=1)"
    if points < LEAST:
        lacks = f"of {points} points it shows no neighbourhoods; it takes {LEAST} of each side"
    if by == "tsne" and lacks:
        raise SettingError(f"t-SNE: {lacks}; choose pca, or leave the choice out")
    return ("pca" if lacks else "tsne") if by == "auto" else by


def placed(points: Floats, by: str) -> Placed:
    """Where N points lie in the plane.

    Args:
        points: (N, D) float64 at unit length.
        by: a name of ``NAMES``.
    """
    wide = np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1]))))
    if by == "pca":
        places, shares = principal(wide)
        return Placed(places, f"{100 * shares.sum():.0f} % of the variance")
    return Placed(METHODS[NAMES[by]][1](wide), "")
