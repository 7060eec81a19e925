"""A part of all scores, small enough to stay in a cache while it is counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evaluate.hits import Ints
from evaluate.scores.face import Band, Block, Floats, Scores

IMAGE_BLOCK, CAPTION_BLOCK = 1024, 2048
"""A block of one product; every block of images reads all captions once, from a disk it may be."""
ROWS = 128


@dataclass(frozen=True)
class Tile:
    """Scores of some images (rising row numbers) and a slice of captions, (rows, columns).

    A right pair has minus infinity. ``doubt``: how far ``values`` may be from the scores of each
    image and caption of the whole; None where they are the scores.
    """

    scores: Scores
    rows: Ints
    columns: slice
    values: Block
    doubt: Band | None

    def __post_init__(self) -> None:
        """Take the right pairs out."""
        owner = self.scores.sides.owner[self.columns]
        row = np.minimum(np.searchsorted(self.rows, owner), len(self.rows) - 1)
        own = np.flatnonzero(self.rows[row] == owner)
        self.values[row[own], own] = -np.inf

    @cached_property
    def surely(self) -> "Tile":
        """The same without doubt, in float64."""
        values = self.scores.exact(self.rows, self.columns)
        return Tile(self.scores, self.rows, self.columns, values, None)

    def at(self, row: Ints, column: Ints) -> Floats:
        """The scores of single pairs, (K,) float64, by their rows and columns in the tile."""
        if self.doubt is None:
            return self.values[row, column].astype(np.float64)
        return self.scores.pairs(self.rows[row], column + self.columns.start)

    def take(self, row: Ints) -> "Tile":
        """Some of the rows."""
        return Tile(self.scores, self.rows[row], self.columns, self.values[row], self.doubt)


def tiles(scores: Scores) -> Iterator[Tile]:
    """All scores; images and captions in order."""
    doubt, sides = scores.doubt(), scores.sides
    images, captions = len(sides.image_id), len(sides.caption_id)
    for top in range(0, images, IMAGE_BLOCK):
        for left in range(0, captions, CAPTION_BLOCK):
            columns = slice(left, min(left + CAPTION_BLOCK, captions))
            block = scores.block(slice(top, min(top + IMAGE_BLOCK, images)), columns)
            for start in range(0, len(block), ROWS):
                values = block[start : start + ROWS]
                rows = np.arange(top + start, top + start + len(values))
                yield Tile(scores, rows, columns, values, doubt)
