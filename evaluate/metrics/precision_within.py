"""Precision within a Hamming radius: how many are right of all codes so near to the query's."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.settings import Settings
from evaluate.hits import Hits

PERFECT = {"p_within2": 100.0}
USES = "distances"


class Options(Settings):
    """The options of precision within a radius."""

    radius: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (2,), min_length=1, description="how many bits may differ"
    )


def measure(hits: Hits, options: Options) -> dict[str, npt.NDArray[np.float64]]:
    """``p_withinB`` for each B: how many in a hundred codes within B bits are right; (Q,), percent.

    A query with no code within B bits found nothing and has 0, as in Liu et al., Supervised Hashing
    with Kernels, 2012 (hash lookup, mostly with B = 2): to leave it out would reward codes that are
    far from all others.

    Raises:
        InputError: the scores are no Hamming distances.

    Example:
        >>> hits = Hits.of([[1, 4], [1]], gallery=4, distances=[[0, 2, 2, 2], [5, 5, 6, 7]])
        >>> measure(hits, Options(radius=(0, 2)))
        {'p_within0': array([100.,   0.]), 'p_within2': array([50.,  0.])}
    """
    right, every = hits.within(options.radius)
    share = 100 * right / np.maximum(every, 1)
    return {f"p_within{radius}": each for radius, each in zip(options.radius, share, strict=True)}
