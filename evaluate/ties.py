"""Where the right answers would stand if ties were broken in other ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np
import numpy.typing as npt

from evaluate.hits import Ints

RULES = ("optimistic", "expected", "pessimistic")


@dataclass(frozen=True, slots=True)
class Ties:
    """Of Q queries, each (Q,) int64: who is surely before the best right answer, and who ties.

    ``above``: wrong candidates whose score is higher by more than a tie. ``level``: those that tie
    with it. ``right``: how many right answers tie with one another for the best place, at least 1.
    """

    above: Ints
    level: Ints
    right: Ints

    @property
    def open(self) -> int:
        """How many queries have a rank that follows from how ties are broken."""
        return int(np.count_nonzero(self.level))

    def ranks(self) -> dict[str, npt.NDArray[np.float64]]:
        """The rank by each of the rules, (Q,), from 1.

        Optimistic: right answers stand before what they tie with; pessimistic: behind. Expected:
        the mean over all orders of what ties, ``above + 1 + level / (right + 1)``, since each of
        the wrong ones is before all R right ones in one order of R + 1.

        Example:
            >>> tied = Ties(np.array([2]), np.array([6]), np.array([2]))
            >>> [float(rank[0]) for rank in tied.ranks().values()]
            [3.0, 5.0, 9.0]
        """
        best = (self.above + 1).astype(np.float64)
        shares = (np.zeros(len(best)), 1 / (self.right + 1), np.ones(len(best)))
        return {rule: best + self.level * share for rule, share in zip(RULES, shares, strict=True)}

    def summary(self, among: Sequence[int]) -> dict[str, dict[str, float]]:
        """By each of the rules the recalls, in percent, and the mean rank.

        The expected recall@K is the mean over all orders of what ties (see ``_found``).
        """
        told: dict[str, dict[str, float]] = {}
        for rule, ranks in self.ranks().items():
            expected = rule == "expected"
            recalls = {
                f"r{k}": self._found(k) if expected else float(100 * np.mean(ranks <= k))
                for k in among
            }
            told[rule] = {**recalls, "mean_rank": float(ranks.mean())}
        return told

    def _found(self, k: int) -> float:
        """The chance that a right answer is among the first K, in percent.

        K - above places are left for the N = level + right that tie: all R right ones miss them in
        C(N - places, R) of C(N, R) orders.
        """
        found = Fraction(0)
        kinds, many = np.unique(
            np.stack([np.maximum(k - self.above, 0), self.level, self.right]),
            axis=1,
            return_counts=True,
        )
        for (places, level, right), count in zip(kinds.T.tolist(), many.tolist(), strict=True):
            left = max(level + right - places, 0)
            missed = Fraction(comb(left, right), comb(level + right, right))
            found += count * (1 - missed)
        return float(100 * found / len(self.above))
