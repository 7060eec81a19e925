"""Pictures drawn again, with replacement: how often each is in each resample."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

SEED = 0
BLOCK, ROWS = 2**17, 16
"""How many draws are held at once, and how many resamples at least."""
Counts = npt.NDArray[np.int64]


def drawn(pictures: int, resamples: int, *, seed: int = SEED) -> Iterator[Counts]:
    """How often each of ``pictures`` is drawn in each of ``resamples``, block by block.

    Each resample draws as many as there are, all alike likely up to ``pictures`` in 2^32. Blocks
    are (some, pictures) int64, each row with the sum ``pictures``; the same seed gives the same
    rows, however large a block is.
    """
    bits = np.random.PCG64(seed)
    step = max(ROWS, BLOCK // pictures)
    for first in range(0, resamples, step):
        rows = min(step, resamples - first)
        # numpy promises that these bits stay, and not what a Generator makes of them.
        who = bits.random_raw(rows * pictures)
        who >>= 32
        who *= pictures
        who >>= 32
        places = who.view(np.int64).reshape(rows, pictures)
        places += pictures * np.arange(rows)[:, None]
        yield np.bincount(places.ravel(), minlength=rows * pictures).reshape(rows, pictures)
