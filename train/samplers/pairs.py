"""Every example once an epoch, in a new order each time; the last, shorter batch is kept."""

from collections.abc import Sequence

import numpy as np

from core.settings import Settings
from core.sources import Rows
from train.sampler import Sampler
from train.task import Examples


class Options(Settings):
    """There is nothing to choose."""


class Pairs(Sampler):
    """The order follows from the seed and the epoch."""

    def __init__(self, size: int, *, batch_size: int, seed: int):
        """Cut ``size`` examples into batches of ``batch_size``."""
        self._size, self._batch_size, self._seed = size, batch_size, seed

    def batches(self, epoch: int) -> Sequence[Rows]:
        """Cut a permutation of all examples."""
        order = np.random.default_rng((self._seed, epoch)).permutation(self._size).astype(np.int64)
        return [order[i : i + self._batch_size] for i in range(0, len(order), self._batch_size)]


def build(options: Options, *, data: Examples, batch_size: int, seed: int) -> Pairs:
    """The sampler of all examples of ``data``."""
    del options
    return Pairs(len(data.id), batch_size=batch_size, seed=seed)
