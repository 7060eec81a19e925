"""What is drawn of pictures: how often each is in a resample, and which change sides."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

SEED = 0
BLOCK, ROWS = 2**17, 16
"""How many draws are held at once, and how many resamples at least."""
SIGNS = 2**22
"""How many coins are thrown at once: as numbers 32 MB."""
Counts = npt.NDArray[np.int64]
Coins = npt.NDArray[np.uint8]


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


def tossed(pictures: int, times: int, *, seed: int = SEED) -> Iterator[Coins]:
    """Of each of ``pictures`` a coin, 0 or 1, ``times`` times, block by block.

    Blocks are (some, pictures) uint8. The coins of one time are the bits of as many words as they
    need, the lowest first; the same seed gives the same rows, however large a block is.
    """
    bits = np.random.PCG64(seed)
    words, step = -(-pictures // 64), max(1, SIGNS // pictures)
    for first in range(0, times, step):
        rows = min(step, times - first)
        # Least byte first on any machine, so that the bits stand in order.
        drawn_bytes = bits.random_raw(rows * words).astype("<u8").view(np.uint8)
        yield np.unpackbits(
            drawn_bytes.reshape(rows, 8 * words), axis=1, count=pictures, bitorder="little"
        )
