"""One value a query, of which intervals and comparisons are computed, and the file of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.arrays import UNREADABLE, Arrays, load_arrays, save_arrays
from core.errors import InputError
from evaluate.measures import Values

RANKS = ("mean_rank", "median_rank")
"""The values of a query that are the rank of its best-placed right answer."""
QUERIES = "queries.npz"
Names = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Queries:
    """What was measured of each of the Q queries of one way of asking.

    ``way`` names it, as ``i2t``; a letter or digit each. ``id`` (Q,) are the ids of who asks, each
    once. ``picture`` (Q,) are the ids of the pictures that they belong to: queries of one picture
    are no independent samples. ``values`` are (Q,) float64 by name, with a number for each query.

    Raises:
        InputError: these are not as many, an id stands twice, or the way is no plain word.
    """

    way: str
    id: Names
    picture: Names
    values: Mapping[str, Values]

    def __post_init__(self) -> None:
        """Refuse what could not be joined with another's."""
        many = len(self.id)
        odd = [name for name, each in self.values.items() if each.shape != (many,)]
        if self.picture.shape != (many,) or odd:
            raise InputError(f"{self.way}: not one value for each of {many} queries")
        if len(np.unique(self.id)) < many:
            raise InputError(f"{self.way}: a query stands twice")
        if not self.way.isalnum():
            raise InputError(f"a way of asking is named {self.way!r}; letters and digits only")


def save_queries(folder: Path, queries: Sequence[Queries]) -> dict[str, str]:
    """Write ``folder/queries.npz``, whole or not at all; return its name and SHA-256.

    The arrays are ``WAY_id``, ``WAY_picture`` and ``WAY_value_NAME``; none is pickled. The same
    queries give the same bytes. Without any, nothing is written.
    """
    if not queries:
        return {}
    return {QUERIES: save_arrays(folder / QUERIES, _arrays(queries))}


def read_queries(folder: Path) -> list[Queries]:
    """What ``save_queries`` wrote, in the same order.

    Raises:
        InputError: the file is missing, damaged, or holds something else.
    """
    path = folder / QUERIES
    try:
        arrays = load_arrays(path)
        ways = dict.fromkeys(name.partition("_")[0] for name in arrays)
        return [_queries(way, arrays) for way in ways]
    except UNREADABLE as error:
        raise InputError(
            f"{path}: no values of single queries ({error}); run `evaluate` again"
        ) from error


def _arrays(queries: Sequence[Queries]) -> Arrays:
    arrays: Arrays = {}
    for each in queries:
        arrays |= {f"{each.way}_id": each.id, f"{each.way}_picture": each.picture}
        arrays |= {f"{each.way}_value_{name}": value for name, value in each.values.items()}
    return arrays


def _queries(way: str, arrays: Arrays) -> Queries:
    begin = f"{way}_value_"
    values = {
        name.removeprefix(begin): value for name, value in arrays.items() if name.startswith(begin)
    }
    return Queries(way, arrays[f"{way}_id"], arrays[f"{way}_picture"], values)
