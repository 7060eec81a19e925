"""Two answers to the same queries: how far apart they are, gathered by picture.

The unit is the picture with all of its queries, of both ways: the captions of one picture are hard
or easy together, so that to count each of them for itself would find differences that are none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from evaluate.queries import Queries

Floats = npt.NDArray[np.float64]
Weights = Mapping[tuple[str, str], float]
"""Of a sum of numbers, each the mean of a value over the queries of a way."""


@dataclass(frozen=True, slots=True)
class Paired:
    """The differences, first minus other, of M measures on P pictures.

    A measure is a weighted sum of means, each over the queries of one of C parts: ``rsum`` is one
    of six.
    ``sums`` (P, C) float64: of each picture, the differences of its queries added up; ``counts``
    (P, C) float64: how many these are, or their weights, some above 0 in each part; ``made_of``
    (C, M) float64: the weight of the part in the measure, 0 where it does not take it.
    """

    sums: Floats
    counts: Floats
    made_of: Floats

    @property
    def difference(self) -> Floats:
        """(M,): the measure of the first less that of the other."""
        return self.means(self.sums.sum(axis=0), self.counts.sum(axis=0))

    @property
    def shares(self) -> Floats:
        """(P, M): what each picture adds to ``difference``."""
        shares: Floats = (self.sums / self.counts.sum(axis=0)) @ self.made_of
        return shares

    @property
    def deviations(self) -> Floats:
        """(P, M): how far each share is from what it would be if all queries differed alike.

        The influence of the picture on the ratio of two sums (Cochran, Sampling Techniques, 1977,
        section 6.4); of as many queries a picture, the share less the mean of all shares.
        """
        many = self.counts.sum(axis=0)
        means = self.sums.sum(axis=0) / many
        deviations: Floats = ((self.sums - means * self.counts) / many) @ self.made_of
        return deviations

    @property
    def pictures(self) -> npt.NDArray[np.int64]:
        """(M,): how many pictures ask a query that the measure takes."""
        asking: npt.NDArray[np.int64] = ((self.counts > 0) @ (self.made_of != 0)).sum(axis=0)
        return asking

    def means(self, sums: Floats, counts: Floats) -> Floats:
        """(..., M) from sums and counts (..., C); NaN where a part of the measure has no query."""
        asked = counts > 0
        each = np.divide(sums, counts, out=np.zeros_like(sums), where=asked)
        means: Floats = each @ self.made_of
        # By hand: 0 times NaN would spoil the measures that do not take the part.
        means[~asked @ (self.made_of != 0)] = np.nan
        return means


def paired(
    first: Sequence[Queries],
    other: Sequence[Queries],
    measures: Mapping[str, Weights],
    weights: Mapping[str, Floats] | None = None,
) -> Paired:
    """Pair the queries by their ids.

    Args:
        first: one value a query, for each way of asking.
        other: the same queries, in any order.
        measures: by name, the parts whose means are added up, and the weight of each.
        weights: (Q,) above 0, of the queries of a way in the order of ``first``, where these do not
            count alike, as in folds of which each counts as much as another.

    Raises:
        InputError: the queries are not the same, or belong to fewer than two pictures.

    Example:
        >>> a = Queries("t2i", np.array(["a0", "a1", "b0"]), np.array(["a", "a", "b"]),
        ...             {"r1": np.array([100.0, 100.0, 0.0])})
        >>> b = Queries("t2i", a.id, a.picture, {"r1": np.array([0.0, 100.0, 0.0])})
        >>> both = paired([a], [b], {"r1": {("t2i", "r1"): 1.0}})
        >>> both.sums.tolist(), both.counts.tolist()
        ([[100.0], [0.0]], [[2.0], [1.0]])
        >>> both.difference.round(1).tolist()
        [33.3]
    """
    parts = list(dict.fromkeys(part for made in measures.values() for part in made))
    sides = {each.way: (each, in_order_of(each, other)) for each in first}
    pictures = np.unique(np.concatenate([each.picture for each in first]))
    if len(pictures) < 2:
        raise InputError("one picture alone shows no difference; ask about a split with more")
    heavy = {way: np.ones(len(each.id)) for way, (each, _) in sides.items()} | dict(weights or {})
    columns = [_by_picture(*sides[way], name, pictures, heavy[way]) for way, name in parts]
    made_of = np.array([[made.get(part, 0) for made in measures.values()] for part in parts])
    sums, counts = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
    return Paired(sums, counts, made_of.astype(np.float64))


def in_order_of(queries: Queries, among: Sequence[Queries]) -> Queries:
    """Those of ``among`` of the same way, in the order of ``queries``.

    Raises:
        InputError: they are not the same queries of the same pictures.
    """
    found = next((each for each in among if each.way == queries.way), None)
    if found is None or len(found.id) != len(queries.id):
        raise InputError(f"not the same queries {queries.way}; ask both about the same pictures")
    there, here = np.argsort(found.id), np.argsort(queries.id)
    order = np.empty_like(there)
    order[here] = there
    same = (found.id[order] == queries.id) & (found.picture[order] == queries.picture)
    if not same.all():
        raise InputError(
            f"{int((~same).sum())} queries {queries.way} are not the same; ask both about the same "
            "pictures"
        )
    values = {name: value[order] for name, value in found.values.items()}
    return Queries(queries.way, queries.id, queries.picture, values)


def averaged(several: Sequence[Sequence[Queries]]) -> list[Queries]:
    """The mean of each query's values over several runs, such as seeds, joined by ids.

    Raises:
        InputError: the queries are not the same.
    """
    found = []
    for each in several[0]:
        same = [each, *(in_order_of(each, other) for other in several[1:])]
        names = [name for name in each.values if all(name in other.values for other in same)]
        values = {name: np.mean([other.values[name] for other in same], axis=0) for name in names}
        found.append(Queries(each.way, each.id, each.picture, values))
    return found


def _by_picture(
    first: Queries, other: Queries, name: str, pictures: npt.NDArray[np.str_], weights: Floats
) -> tuple[Floats, Floats]:
    """(P,) the differences of a value, added up by picture, and (P,) their weights."""
    rows = np.searchsorted(pictures, first.picture)
    apart = first.values[name] - other.values[name]
    each = (apart * weights, weights)
    sums, counts = (np.bincount(rows, column, len(pictures)) for column in each)
    return sums.astype(np.float64), counts.astype(np.float64)
