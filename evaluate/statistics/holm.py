"""Holm's correction: who tests much finds something, even where there is nothing."""

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """Each p of several tests as it counts among them all (Holm 1979), in the same order.

    The smallest is multiplied by how many there are, the next by one less, and so on; none becomes
    smaller than one before it, or greater than 1. The chance to call any difference real that is
    none stays below the level, however the tests depend on one another.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    found, least = [0.0] * len(values), 0.0
    ordered = sorted(range(len(values)), key=values.__getitem__)
    for left, place in zip(range(len(values), 0, -1), ordered, strict=True):
        least = max(least, min(1.0, left * values[place]))
        found[place] = least
    return found
