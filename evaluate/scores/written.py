"""What a file of scores says beside the numbers, and the numbers row by row."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from core.similarities.matrix import Similarity
from evaluate.scores.face import Floats, Scores

AT_ONCE = 2**22


def described(
    scores: Scores, facts: Mapping[str, Any], *, words: str = "", protocol: str = "retrieval"
) -> Similarity:
    """Ids, owners and slack of ``scores``, and what is said of them; the numbers are nought.

    Of these only the shape is there: they take no memory, whatever the size.

    Args:
        scores: of which the rows are.
        facts: JSON values of how they were made.
        words: in the place of those of ``scores``.
        protocol: which judges them.
    """
    sides, slack = scores.sides, scores.slack()
    shape = len(sides.image_id), len(sides.caption_id)
    return Similarity(
        np.broadcast_to(np.float64(0), shape),
        *(sides.image_id, sides.caption_id, sides.owner),
        slack=(slack.image, slack.caption),
        words=words or scores.words,
        facts=facts,
        protocol=protocol,
    )


def rows_of(scores: Scores) -> Iterator[Floats]:
    """Of images in order: (K, M) float64 each, of about ``AT_ONCE`` numbers."""
    images, captions = len(scores.sides.image_id), len(scores.sides.caption_id)
    step = max(1, AT_ONCE // captions)
    for top in range(0, images, step):
        yield scores.exact(np.arange(top, min(top + step, images)), slice(0, captions))
