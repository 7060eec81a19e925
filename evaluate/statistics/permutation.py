"""The paired permutation test: might the difference be one of chance alone?"""

import numpy as np
import numpy.typing as npt

from evaluate.statistics.draws import SEED, tossed

PERMUTATIONS = 10_000
_ROUNDING = 1e-9
"""Of all that is summed: the same sum in another order must not seem a smaller one."""


def permuted(
    shares: npt.NDArray[np.float64], *, permutations: int = PERMUTATIONS, seed: int = SEED
) -> npt.NDArray[np.float64]:
    """How often a sum at least as far from zero comes about if each share's sign is a coin's.

    If two runs were alike, it would be chance which of them answered a picture; so each picture is
    given to the other one with probability 1/2, with all of its queries and all measures. The
    two-sided p of each measure is (1 + as far) / (1 + permutations), never 0: the observed order is
    one of them (Good, Permutation Tests, 2000; Phipson and Smyth 2010, equation 2).

    Args:
        shares: (P, M), what each of P pictures adds to the difference of each of M measures.
        permutations: how many are drawn.
        seed: of the draws; the same gives the same bits.

    Returns:
        (M,), above 0 and at most 1.

    Example:
        >>> float(permuted(np.zeros((5, 1)))[0])
        1.0
        >>> bool(permuted(np.ones((20, 1)))[0] < 0.001)
        True
    """
    whole = shares.sum(axis=0)
    least = np.abs(whole) - _ROUNDING * np.abs(shares).sum(axis=0)
    far = np.zeros(len(whole), dtype=np.int64)
    for coins in tossed(len(shares), permutations, seed=seed):
        turned = coins.astype(np.float64) @ shares
        far += (np.abs(whole - 2 * turned) >= least).sum(axis=0)
    return (1 + far) / (1 + permutations)
