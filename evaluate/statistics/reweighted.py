"""The numbers of a report, were its pictures others: each picture counts some times, or not."""

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from evaluate.measures import Values
from evaluate.queries import Names, Queries
from evaluate.statistics.draws import Counts
from evaluate.statistics.special import Rows, Special, specials

Name = tuple[str, str]
"""A way of asking, and a value."""
Numbers = Callable[[Counts], Values]
"""From how often each picture counts, (B, P), to as many numbers each time, (B, N) float64."""


class Reweighted:
    """The numbers of Q queries of each way, of P pictures in all.

    ``names`` (N,) say which numbers: each value of each way. ``pictures`` (P,) are their ids.
    """

    def __init__(self, queries: Sequence[Queries]) -> None:
        """Sum what is averaged picture by picture, once."""
        self.pictures: Names = np.unique(np.concatenate([each.picture for each in queries]))
        special = specials()
        parts = list(chain.from_iterable(self._parts(each, special) for each in queries))
        self.names = [name for names, _ in parts for name in names]
        self._numbers = [numbers for _, numbers in parts]

    def __call__(self, counts: Counts) -> Values:
        """The numbers (B, N), where each picture counts as often as ``counts`` (B, P) says.

        A number is NaN where no picture counts that is asked about that way.
        """
        return np.concatenate([numbers(counts) for numbers in self._numbers], axis=1)

    def _parts(
        self, queries: Queries, special: dict[str, Special]
    ) -> list[tuple[list[Name], Numbers]]:
        rows = np.searchsorted(self.pictures, queries.picture)
        usual = {name: v for name, v in queries.values.items() if name not in special}
        found = [([(queries.way, name) for name in usual], self._means(rows, list(usual.values())))]
        for name in queries.values:
            if name in special:
                how = _of(special[name], rows, queries.values[name])
                found.append(([(queries.way, name)], how))
        return found

    def _means(self, rows: Rows, values: Sequence[Values]) -> Numbers:
        """The mean of each of ``values``, as a product with sums over the queries of a picture."""
        many = len(self.pictures)
        columns = [np.bincount(rows, each, many) for each in (*values, np.ones(len(rows)))]
        sums = exactly_summed(np.stack(columns, axis=1).astype(np.float64))

        def numbers(counts: Counts) -> Values:
            total = counts.astype(np.float64) @ sums
            with np.errstate(invalid="ignore"):
                means: Values = total[:, :-1] / total[:, -1:]
            return means

        return numbers


def exactly_summed(sums: Values) -> Values:
    """``sums`` (P, V), rounded so little that whatever P of them are added is added exactly.

    No sum of P rows then depends on the order of adding: the same bits on any machine. Whole
    numbers stay as they are; others move by less than P max|sums| 2^-52.
    """
    _, exponent = np.frexp(len(sums) * np.abs(sums).max(axis=0))
    rounded: Values = np.ldexp(np.rint(np.ldexp(sums, 52 - exponent)), exponent - 52)
    return rounded


def _of(special: Special, rows: Rows, values: Values) -> Numbers:
    """The number that is no mean: of all the values that were drawn."""
    order = np.argsort(values, kind="stable")
    rising, rows = values[order], rows[order]
    return lambda counts: special.resampled(rising, rows, counts)[:, None]
