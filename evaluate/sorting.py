"""Scores sorted a row a query: at which ranks the right answers stand.

The rule is that of ``evaluate.ranking``: the higher score stands before; what ties, by the toss.
Candidates tie in groups, each of those that tie with the next one in the order of the scores. Where
the first and the last of a group tie too, all of it does, and it stands in the order of the toss;
a longer one is ``evaluate.crooked``.
"""

import numpy as np

from evaluate.crooked import crooked
from evaluate.hits import Ints
from evaluate.right import Bools
from evaluate.scores.face import UNIT, Floats

SMALLEST = np.finfo(np.float64).tiny


def sorted_right(values: Floats, right: Bools, slack: Floats, toss: Ints) -> tuple[Bools, Bools]:
    """The ranks of all right answers of Q queries among N candidates.

    Args:
        values: (Q, N) float64; minus infinity is no candidate, at most once a row.
        right: (Q, N) bool, not where there is no candidate.
        slack: (Q,), how far apart two scores of a query may be and still tie.
        toss: (N,), the place of each candidate where scores tie, each number below N once.

    Returns:
        (Q, N) bool, whether a right answer stands at each rank, from the first; and (Q,) bool,
        whether a right and a wrong one tie, so that the ranks follow from the toss.
    """
    found, open_ = _by_scores(values, right, slack)
    tied = np.zeros(len(values), dtype=np.bool_)
    rows = np.flatnonzero(open_)
    if len(rows):
        some = values[rows], right[rows], slack[rows]
        found[rows], tied[rows] = _by_toss(*some, toss)
    return found, tied


def _by_scores(values: Floats, right: Bools, slack: Floats) -> tuple[Bools, Bools]:
    """The ranks if nothing ties, and in which rows something may.

    Who is right stands in the last bit of each score: sorting bare numbers takes a quarter of the
    time of sorting what they belong to. That moves a score by 2 ``UNIT`` of itself or the smallest
    number; what is nearer than such two, and a tie, is not decided here.
    """
    marked = -values
    bits = marked.view(np.int64)
    bits &= -2
    bits |= right
    marked.sort(axis=1)
    found = (bits & 1).astype(np.bool_)
    ends = marked[:, [0, -min(2, marked.shape[1]), -1]]
    largest = np.abs(np.where(np.isfinite(ends), ends, 0)).max(axis=1)
    reach = 2 * slack + 8 * UNIT * largest + SMALLEST
    near = marked[:, 1:] - marked[:, :-1] <= reach[:, None]
    return found, (near & (found[:, 1:] != found[:, :-1])).any(axis=1)


def _by_toss(values: Floats, right: Bools, slack: Floats, toss: Ints) -> tuple[Bools, Bools]:
    """As ``sorted_right``, with every tie looked at."""
    many, wide = values.shape
    order = np.argsort(-values, axis=1)
    score = np.take_along_axis(values, order, axis=1)
    begins = np.ones(values.shape, dtype=np.bool_)
    begins[:, 1:] = ~_tie(score[:, :-1], score[:, 1:], slack[:, None])
    key = np.cumsum(begins, axis=1) * wide + toss[order]
    key.sort(axis=1)
    found = np.take_along_axis(right, np.argsort(toss)[key % wide], axis=1)
    first = np.flatnonzero(begins)
    size = np.diff(np.append(first, many * wide))
    own, row = np.add.reduceat(found.ravel(), first, dtype=np.int64), first // wide
    mixed = (own > 0) & (own < size)
    ends = score.ravel()[first], score.ravel()[first + size - 1]
    for group in np.flatnonzero(mixed & ~_tie(*ends, slack[row])):
        start, which = first[group] % wide, row[group]
        part = slice(start, start + size[group])
        chosen = order[which, part]
        found[which, part] = crooked(
            score[which, part], right[which, chosen], toss[chosen], slack[which]
        )
    return found, np.bincount(row[mixed], minlength=many) > 0


def _tie(higher: Floats, lower: Floats, slack: Floats) -> Bools:
    tied: Bools = (lower >= higher - slack) | (higher <= lower + slack)
    return tied
