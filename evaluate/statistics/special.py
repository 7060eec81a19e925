"""Numbers that are no mean of their values, such as a median: of one report, and of resamples."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import SettingError
from core.plugins import load, names
from evaluate.measures import PACKAGE, Values
from evaluate.statistics.draws import Counts

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Special:
    """A number that is no mean of its values: ``summary`` is what the file's ``SUMMARY`` says.

    ``fast``, its ``RESAMPLED`` where it has one, is ``resampled`` in a faster way.
    """

    summary: Callable[[Values], float]
    fast: Callable[[Values, Rows, Counts], Values] | None = None

    def resampled(self, values: Values, rows: Rows, counts: Counts) -> Values:
        """The number of each of B resamples, (B,); NaN of none at all.

        Args:
            values: (Q,), rising.
            rows: (Q,), the picture that each belongs to, from 0 to P - 1.
            counts: (B, P), how often each picture is drawn, with all its values.
        """
        if self.fast:
            return self.fast(values, rows, counts)
        drawn = (np.repeat(values, each[rows]) for each in counts)
        return np.array([self.summary(each) if len(each) else np.nan for each in drawn])


def specials() -> dict[str, Special]:
    """The values, of all measures that are there, whose number is no mean."""
    found: dict[str, Special] = {}
    for name in names(PACKAGE):
        with suppress(SettingError):  # what cannot be imported has measured nothing
            plugin = load(PACKAGE, name)
            fast = getattr(plugin, "RESAMPLED", {})
            summary = getattr(plugin, "SUMMARY", {})
            found |= {key: Special(each, fast.get(key)) for key, each in summary.items()}
    return found
