"""Batches of pictures with all their captions, every caption once an epoch."""

from collections.abc import Sequence

import numpy as np

from core.settings import Settings
from core.sources import Rows
from train.sampler import Sampler
from train.task import Examples


class Options(Settings):
    """There is nothing to choose."""


class Pictures(Sampler):
    """Whole pictures, in an order that follows from the seed and the epoch."""

    def __init__(self, group: Rows, *, batch_size: int, seed: int):
        """Cut the examples into batches of about ``batch_size``.

        Args:
            group: (examples,) int64, equal where two examples share a picture.
            batch_size: examples a batch; a picture is never cut, so a batch may hold fewer, or the
                one picture that alone has more.
            seed: of the order.
        """
        order = np.argsort(group, kind="stable").astype(np.int64)
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        self._pictures: list[Rows] = np.split(order, starts[1:])
        self._batch_size, self._seed = batch_size, seed

    def batches(self, epoch: int) -> Sequence[Rows]:
        """Fill batches from a permutation of the pictures."""
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._pictures))
        batches: list[list[Rows]] = [[]]
        held = 0
        for picture in order:
            rows = self._pictures[picture]
            if held and held + len(rows) > self._batch_size:
                batches.append([])
                held = 0
            batches[-1].append(rows)
            held += len(rows)
        return [np.concatenate(rows) for rows in batches]


def build(options: Options, *, data: Examples, batch_size: int, seed: int) -> Pictures:
    """The sampler of all examples of ``data``."""
    del options
    return Pictures(data.group, batch_size=batch_size, seed=seed)
