"""Which rows of a batch a rank computes, and how the rows of all become the batch again."""

from typing import NamedTuple

import numpy as np

from core.sources import Rows


class Share(NamedTuple):
    """A rank's part of a batch of U units, each of which gives one row of the outputs.

    The rows of a picture are all one rank's, so that a picture is encoded, and chance decides about
    it, as often as in one process. A rank without a unit computes one of another's and gives none:
    so every rank takes part in all that the ranks do together.

    Attributes:
        rows: the examples that are read: the first of each unit, then the second of each ...
        own: (n,) int64, the units that are computed, as numbers of all U.
        read: numbers of ``rows`` among those that one process would read.
        given: how many of them are this rank's to give: n, or 0.
        pictures: (p,) int64, the different pictures of ``own`` among all P, in their order.
        total: (U, U times the rows of a unit, P).
        sizes: how many units each rank gives.
        order: (U,) int64, where each unit of the batch stands among those of all ranks.
    """

    rows: Rows
    own: Rows
    read: Rows
    given: int
    pictures: Rows
    total: tuple[int, int, int]
    sizes: tuple[int, ...]
    order: Rows

    @staticmethod
    def of(units: Rows, group: Rows, rank: int, count: int) -> "Share":
        """Cut a batch into ``count`` shares of about as many units, and take that of ``rank``.

        Args:
            units: (U, k) int64, U at least 1: the k examples of which each row of the outputs is.
            group: (examples,) int64, equal where two are of the same picture.
            rank: from 0.
            count: of ranks, at least 1.
        """
        size, many = units.shape
        pictures, place = np.unique(group[units], axis=0, return_inverse=True)
        place = place.reshape(-1)
        first = np.full(len(pictures), size)
        np.minimum.at(first, place, np.arange(size))
        order = np.argsort(first[place], kind="stable")
        begins = np.flatnonzero(np.diff(first[place][order], prepend=-1))
        start = np.repeat(begins, np.diff(begins, append=size))
        rank_of = start * count // size
        own = order[rank_of == rank]
        given = len(own)
        own = own if given else order[:1]
        return Share(
            rows=units[own].T.reshape(-1),
            own=own,
            read=(np.arange(many)[:, None] * size + own).reshape(-1),
            given=given,
            pictures=np.unique(place[own]),
            total=(size, size * many, len(pictures)),
            sizes=tuple(np.bincount(rank_of, minlength=count).tolist()),
            order=np.argsort(order),
        )
