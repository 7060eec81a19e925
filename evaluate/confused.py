"""Which pictures a model takes for one another: whose captions find which other picture first."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from evaluate.closeness import Hardest
from evaluate.hits import Ints
from evaluate.scores.face import Floats, Scores


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, by their rows, and the captions of each that find the other one first."""

    one: int
    two: int
    of_one: tuple[int, ...]
    of_two: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Confused:
    """Of each caption (M,) the wrong picture with the highest score, ``picture`` int64.

    ``wrong`` is that score and ``right`` that of its own picture, both (M,) float64; where there is
    no other picture ``wrong`` is minus infinity. ``owner`` (M,) int64 is the own one.
    """

    picture: Ints
    wrong: Floats
    right: Floats
    owner: Ints

    @staticmethod
    def of(scores: Scores, hardest: Hardest | None = None) -> "Confused":
        """One pass over all scores, unless ``hardest`` is of one; pairs found are in float64."""
        hardest = hardest or Hardest.found(scores)
        picture, found = hardest.which[1], np.isfinite(hardest.value[1])
        wrong = np.full(len(picture), -np.inf)
        wrong[found] = scores.pairs(picture[found], np.flatnonzero(found))
        return Confused(picture, wrong, scores.right, scores.sides.owner)

    def pairs(self, most: int) -> list[Pair]:
        """Pictures that answer for one another: captions of each find the other one first.

        Those come first of which most captions do, of equals those of the highest scores.
        """
        taken: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for caption in np.flatnonzero(self.wrong > self.right).tolist():
            taken[int(self.owner[caption]), int(self.picture[caption])].append(caption)
        found = [
            Pair(one, two, tuple(captions), tuple(taken[two, one]))
            for (one, two), captions in list(taken.items())
            if one < two and (two, one) in taken
        ]
        return sorted(found, key=self._order)[:most]

    def nearest(self, most: int) -> list[int]:
        """The captions with the highest wrong scores, one of each two pictures, by their rows."""
        found: dict[frozenset[int], int] = {}
        for caption in np.argsort(-self.wrong, kind="stable").tolist():
            if len(found) == most or not np.isfinite(self.wrong[caption]):
                break
            both = frozenset((int(self.owner[caption]), int(self.picture[caption])))
            found.setdefault(both, caption)
        return list(found.values())

    def _order(self, pair: Pair) -> tuple[int, float, int, int]:
        captions = [*pair.of_one, *pair.of_two]
        return -len(captions), -float(self.wrong[captions].mean()), pair.one, pair.two
