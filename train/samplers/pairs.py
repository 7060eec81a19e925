"""Every caption once an epoch, in a new order each time; the last, shorter batch is kept."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.settings import Settings

Batches = list[npt.NDArray[np.int64]]


class Options(Settings):
    """There is nothing to choose."""


def build(
    options: Options, *, owner: npt.NDArray[np.int64], batch_size: int, seed: int
) -> Callable[[int], Batches]:
    """A function from the epoch to its batches of caption rows.

    Args:
        options: none.
        owner: (captions,) int64, the picture of each caption.
        batch_size: captions a batch.
        seed: with the epoch, all that the order follows from.
    """

    def epoch_batches(epoch: int) -> Batches:
        order = np.random.default_rng((seed, epoch)).permutation(len(owner)).astype(np.int64)
        return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

    return epoch_batches
