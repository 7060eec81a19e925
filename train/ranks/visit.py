"""The random numbers of a training visit, of which a rank's rows get those of their places."""

from typing import Any

import numpy as np

from core.errors import SettingError
from core.sources import Rows
from train.ranks.share import Share

KNOWN = ("random", "bit_generator", "of_pictures")


class OwnVisit(np.random.Generator):
    """As numpy's generator for all rows of a batch, and from it what is a rank's.

    ``random((rows, ...))`` draws for all that one process reads, and gives the rank's own: the same
    numbers as there. A source takes all chance from it (``core.sources.source``).
    """

    def __init__(self, bits: np.random.BitGenerator, share: Share):
        """Of these ``bits``, for the rows of ``share``."""
        super().__init__(bits)
        self._items: tuple[int, Rows] = (share.total[1], share.read)
        self._pictures = (share.total[2], share.pictures)

    def __getattribute__(self, name: str) -> Any:
        """Refuse what would give each rank the numbers of others.

        Raises:
            SettingError: a source draws by something else than ``random``.
        """
        if not (name in KNOWN or name.startswith("_")) and hasattr(np.random.Generator, name):
            raise SettingError(
                f"a source draws by `{name}`, and several ranks know only `{KNOWN[0]}((rows, ...))`"
                "; train in one process"
            )
        return super().__getattribute__(name)

    def of_pictures(self) -> None:
        """From now on a row is a picture of the batch, each once, in the order of their groups."""
        self._items = self._pictures

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Uniform numbers in [0, 1) of the rank's rows, (rows, ...).

        Raises:
            SettingError: these are not as many rows as are read.
        """
        first, *rest = size if isinstance(size, tuple) else (size,)
        total, own = self._items
        if first != len(own) or out is not None:
            raise SettingError(
                f"a source draws for {first} rows of {len(own)} that are read; train in one process"
            )
        return super().random((total, *rest), dtype=dtype)[own]


def each_once(draw: np.random.Generator | None) -> np.random.Generator | None:
    """``draw`` for who reads each picture of a batch once, in the order of their groups."""
    if isinstance(draw, OwnVisit):
        draw.of_pictures()
    return draw
