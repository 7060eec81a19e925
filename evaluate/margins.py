"""How far each query's best right answer is from the wrong one that comes closest to it."""

from dataclasses import dataclass

import numpy as np

from evaluate.closeness import Hardest
from evaluate.scores.face import Floats, Scores


@dataclass(frozen=True, slots=True)
class Margins:
    """Of each of Q queries, float64, in the similarity that is ranked by.

    ``right`` (Q,) is the score of its best right answer, ``wrong`` (Q,) of the wrong candidate with
    the highest one.
    """

    right: Floats
    wrong: Floats

    @property
    def won(self) -> float:
        """How many have a right answer above all wrong ones, in percent: R@1, but for ties.

        Example:
            >>> Margins(np.array([0.9, 0.1, 0.5, 0.7]), np.array([0.5, 0.3, 0.5, 0.1])).won
            50.0
        """
        return float(100 * np.mean(self.right > self.wrong))


def margins(scores: Scores, hardest: Hardest | None = None) -> dict[str, Margins]:
    """Of ``i2t``, the images that have a caption, and of ``t2i``, the captions, in their order.

    A query without a wrong candidate is left out; a way without any query is not there. ``hardest``
    is what was found in these scores, if they were looked through before.
    """
    hardest, owner = hardest or Hardest.found(scores), scores.sides.owner
    best = np.full(len(scores.sides.image_id), -np.inf)
    np.maximum.at(best, owner, scores.right)
    image = np.flatnonzero(np.isfinite(hardest.value[0]) & np.isfinite(best))
    caption = np.flatnonzero(np.isfinite(hardest.value[1]))
    found = {
        "i2t": Margins(best[image], scores.pairs(image, hardest.which[0][image])),
        "t2i": Margins(scores.right[caption], scores.pairs(hardest.which[1][caption], caption)),
    }
    return {way: each for way, each in found.items() if len(each.right)}
