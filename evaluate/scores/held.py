"""Scores that are asked for more than once, computed once where there is room."""

import numpy as np

from evaluate.scores.face import Scores
from evaluate.scores.stored import Stored

HELD = 2**24
"""Scores that are kept: 128 MB."""
ROWS = 4096


def held(scores: Scores) -> Scores:
    """The same scores, (N, M) float64 in memory where they are no more than ``HELD``."""
    images, captions = len(scores.sides.image_id), len(scores.sides.caption_id)
    if images * captions > HELD:
        return scores
    matrix = np.empty((images, captions))
    for start in range(0, images, ROWS):
        rows = np.arange(start, min(start + ROWS, images))
        matrix[rows] = scores.exact(rows, slice(0, captions))
    told = Stored(matrix, scores.sides, scores.slack(), words=scores.words)
    told.distances = scores.distances
    return told
