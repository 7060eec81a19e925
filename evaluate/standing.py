"""How many wrong candidates stand before a right answer: the band of a tie, and the toss in it.

What is surely above a right answer is counted where it stands. What is so near that the rounding of
the tile, or a tie, could put it on either side is looked at again, by its score in float64.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores
from evaluate.ties import Ties
from evaluate.tile import Tile

IMAGES, CAPTIONS = 0, 1
"""Who asks: the rows of a tile, or its columns."""
SHARE = 0.005
"""Of more pairs than this a product in float64 takes less time than their single scores."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One right answer a query: score, slack and toss (Q,), and what was counted so far.

    ``doubt`` (Q,): how far the score of a candidate may be from the one in a tile. ``others``: the
    toss of each candidate. ``before``, ``level`` and ``early`` (Q,) int64: wrong candidates placed
    before the right answer, those that tie with it, and those of them that the toss places before.
    """

    asks: int
    score: Floats
    slack: Floats
    doubt: Floats
    toss: Ints
    others: Ints
    before: Ints
    level: Ints
    early: Ints

    @staticmethod
    def of(
        scores: Scores, asks: int, score: Floats, toss: Ints, queries: Ints | None = None
    ) -> "Standing":
        """Nothing is counted yet; ``queries`` are the numbers of those that ask, by default all."""
        sides = scores.sides
        chosen = slice(None) if queries is None else queries
        slack = scores.slack()[asks][chosen]
        doubt = (scores.doubt() or Band(*map(np.zeros_like, scores.slack())))[asks][chosen]
        others = (sides.caption_toss, sides.image_toss)[asks]
        counts = (np.zeros(len(score), dtype=np.int64) for _ in range(3))
        return Standing(asks, score, slack, doubt, toss, others, *counts)

    def ties(self, right: Ints, chosen: npt.NDArray[np.bool_] | None = None) -> Ties:
        """What was counted, of all or of some queries; ``right`` of all are tied for the best."""
        some = slice(None) if chosen is None else chosen
        return Ties((self.before - self.early)[some], self.level[some], right[some])

    def count(self, part: slice, tile: Tile) -> None:
        """Add what ``tile`` places before the right answers of the queries of ``part``."""
        margin = self.slack[part] + (0 if tile.doubt is None else self.doubt[part])
        high = _outward(self.score[part] + margin, tile.values, np.inf)
        low = _outward(self.score[part] - margin, tile.values, -np.inf)
        across = (-1, 1) if self.asks == IMAGES else (1, -1)
        above = tile.values > high.reshape(across)
        near = np.flatnonzero(above ^ (tile.values >= low.reshape(across)))
        if tile.doubt is not None and len(near) > SHARE * above.size:
            self.count(part, tile.surely)
            return
        self.before[part] += _along(above, 1 - self.asks)
        if len(near):
            self._settle(part, tile, near)

    def _settle(self, part: slice, tile: Tile, near: Ints) -> None:
        """Count those of the pairs ``near`` whose score, or whose toss where they tie, is before.

        Pairs are numbers in the tile, row by row.
        """
        row, column = np.divmod(near, tile.values.shape[1])
        asking = self.asks == IMAGES
        query = row if asking else column
        candidate = tile.columns.start + column if asking else tile.rows[row]
        score, slack, value = self.score[part][query], self.slack[part][query], tile.at(row, column)
        level = (value >= score - slack) & (value <= score + slack)
        early = level & (self.others[candidate] < self.toss[part][query])
        counts = ((self.before, early | (value > score + slack)), (self.level, level))
        for count, chosen in (*counts, (self.early, early)):
            count[part] += np.bincount(query[chosen], minlength=len(count[part]))


def best_placed(scores: Scores, right: Floats) -> Standing:
    """The best-placed caption of each image among those with a score in ``right``.

    It is the first by toss of those that tie with the highest score.

    Args:
        scores: images, captions and owners.
        right: (captions,) float64, minus infinity where a caption is out of the question.

    Returns:
        One answer an image; its score is minus infinity where there is none.
    """
    sides, slack = scores.sides, scores.slack().image
    none = len(sides.caption_id)
    best = np.full(len(slack), -np.inf)
    np.maximum.at(best, sides.owner, right)
    placed = right >= (best - slack)[sides.owner]
    first = np.full(len(slack), none)
    np.minimum.at(first, sides.owner, np.where(placed, sides.caption_toss, none))
    return Standing.of(scores, IMAGES, best, first)


def best_tied(scores: Scores, best: Floats) -> Ints:
    """How many captions of each image tie for its ``best`` score, (images,) int64."""
    sides = scores.sides
    placed = scores.right >= (best - scores.slack().image)[sides.owner]
    return np.bincount(sides.owner[placed], minlength=len(best))


def _outward(edge: Floats, values: Block, way: float) -> Block:
    """``edge`` in the type of ``values``, rounded towards ``way`` where it is not of that type."""
    found: Block = edge.astype(values.dtype)
    short = found < edge if way > 0 else found > edge
    found[short] = np.nextafter(found[short], values.dtype.type(way))
    return found


def _along(above: npt.NDArray[np.bool_], axis: int) -> Ints:
    """How many there are along an axis; what a byte can count is added up in bytes."""
    if above.shape[axis] < 256:
        few: Ints = above.sum(axis=axis, dtype=np.uint8).astype(np.int64)
        return few
    many: Ints = np.count_nonzero(above, axis=axis)
    return many
