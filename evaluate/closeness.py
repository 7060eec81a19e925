"""How close right pairs are, and the wrong ones that come closest: whether a space opens or folds.

Both are means over queries, in the similarity that is ranked by: of unit vectors the cosine, from
-1 to 1. A model that maps everything to one vector has 1 in both.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluate.hits import Ints
from evaluate.scores.face import Block, Floats, Scores
from evaluate.tile import Tile, tiles


@dataclass(frozen=True, slots=True)
class Hardest:
    """The wrong candidate with the highest score of each query so far, and what a tile gave it.

    ``value`` and ``which`` of the images (N,), then of the captions (M,); minus infinity is none.
    """

    value: tuple[Floats, Floats]
    which: tuple[Ints, Ints]

    @staticmethod
    def of(scores: Scores) -> "Hardest":
        """Nothing is looked at yet."""
        sizes = len(scores.sides.image_id), len(scores.sides.caption_id)
        image, caption = (np.full(size, -np.inf) for size in sizes)
        which = np.zeros(sizes[0], dtype=np.int64), np.zeros(sizes[1], dtype=np.int64)
        return Hardest((image, caption), which)

    @staticmethod
    def found(scores: Scores) -> "Hardest":
        """All was looked at, in one pass over all scores."""
        hardest = Hardest.of(scores)
        for tile in tiles(scores):
            hardest.look(tile)
        return hardest

    def look(self, tile: Tile) -> None:
        """Take what a tile has; its right pairs have minus infinity."""
        rows = slice(tile.rows[0], tile.rows[-1] + 1)
        self._look(0, rows, tile.values, tile.columns.start)
        self._look(1, tile.columns, tile.values.T, rows.start)

    def closeness(self, scores: Scores, asks: npt.NDArray[np.bool_]) -> dict[str, float]:
        """``positive``, the mean of the right pairs, and ``negative``, of the hardest wrong ones.

        Args:
            scores: of which all tiles were looked at; those of the pairs found are in float64.
            asks: (N,) bool, which images have a caption.

        Returns:
            ``negative`` is the mean of both directions, each the mean of its queries; a query that
            has no wrong candidate counts in none. Without any it is left out.
        """
        told = {"positive": float(scores.right.mean())}
        image = np.flatnonzero(np.isfinite(self.value[0]) & asks)
        caption = np.flatnonzero(np.isfinite(self.value[1]))
        ways = [(image, self.which[0][image]), (self.which[1][caption], caption)]
        means = [float(scores.pairs(*pairs).mean()) for pairs in ways if len(pairs[0])]
        return told | ({"negative": sum(means) / len(means)} if means else {})

    def _look(self, way: int, part: slice, values: Block, first: int) -> None:
        """A row a query of ``part``; candidates are numbered from ``first``."""
        highest = values.max(axis=1)
        better = np.flatnonzero(highest > self.value[way][part])
        if len(better):
            self.value[way][part][better] = highest[better]
            self.which[way][part][better] = first + values[better].argmax(axis=1)
