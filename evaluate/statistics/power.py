"""How small a difference a test set can see."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

POWER = 0.8
LEVEL = 0.05


def smallest(
    deviations: npt.NDArray[np.float64], *, power: float = POWER, level: float = LEVEL
) -> npt.NDArray[np.float64]:
    """The smallest difference that is found with probability ``power``, two-sided at ``level``.

    (z of 1 - level / 2 + z of power) times the standard error of the difference, which is
    sqrt(P) times the deviation (ddof 1) of what the pictures add to it: (1.96 + 0.84) sd / sqrt(n)
    of a mean (Chow, Shao and Wang, Sample Size Calculations, 2008, section 3.1). How far apart two
    runs are query by query decides it, so it is of this pair of runs, not of the test set alone.

    Args:
        deviations: (P, M), of each of P pictures (two or more) and each of M measures, how far its
            share in the difference is from the others' (see ``Paired.deviations``).
        power: above ``level``, below 1.
        level: between 0 and 1.

    Returns:
        (M,), at least 0.

    Example:
        >>> float(smallest(np.array([[-1.0], [1.0]])).round(3)[0])
        5.603
    """
    normal = NormalDist()
    errors = normal.inv_cdf(1 - level / 2) + normal.inv_cdf(power)
    found: npt.NDArray[np.float64] = (
        errors * np.sqrt(len(deviations)) * np.std(deviations, axis=0, ddof=1)
    )
    return found
