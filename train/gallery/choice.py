"""The two numbers of the gallery's bias, chosen on validation.

``strength`` is a multiple of 0.1, ``beta`` 2.5 times a power of the fourth root of two. First the
betas far apart at strength 0.8, then the strengths, then both by smaller and smaller steps around
the best; no bias at all is among what is tried, so that validation never falls. The optimum is
flat: the order of the tries is fixed, and of equals the first one stays.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from torch import Tensor

from core.predictions import Embeddings
from train.gallery.bias import Bank, extended

Score = Callable[[Embeddings], Mapping[str, float]]
"""Embeddings -> scores by name; the highest ``score`` is best."""

FIRST_STRENGTH, FIRST_BETAS = 8, range(0, 21, 4)
STEPS = (4, 2, 1)


class Tried(NamedTuple):
    """What was chosen, of how many that were tried, and what it scores on validation."""

    strength: float
    beta: float
    tried: int
    scores: dict[str, float]


class _Point(NamedTuple):
    """Whole numbers that stand for the two."""

    strength: int
    beta: int

    def numbers(self) -> tuple[float, float]:
        return self.strength / 10, 2.5 * 2 ** (self.beta / 4)


def choose(bank: Bank, val: Embeddings, score: Score) -> Tried:
    """The two numbers with the highest ``score`` of ``val`` with the bias; strength 0 for none."""
    search = _Search(bank, val, score)
    search.look(_Point(FIRST_STRENGTH, beta) for beta in FIRST_BETAS)
    for step in STEPS:
        best = search.best
        search.look(best._replace(strength=best.strength + way * step) for way in (-1, 1))
        best = search.best
        search.look(best._replace(beta=best.beta + way * step) for way in (-1, 1))
    best = search.best
    without = best._replace(strength=0)
    search.look([without])
    chosen = best if search.of(best) > search.of(without) else without
    return Tried(*chosen.numbers(), len(search.found), search.found[chosen])


class _Search:
    """What was tried, in its order."""

    def __init__(self, bank: Bank, val: Embeddings, score: Score):
        self._bank, self._val, self._score = bank, val, score
        self._likings: dict[int, tuple[Tensor, Tensor]] = {}
        self.found: dict[_Point, dict[str, float]] = {}

    @property
    def best(self) -> _Point:
        """The first of those with the highest score."""
        return max(self.found, key=self.of)

    def of(self, point: _Point) -> float:
        return self.found[point]["score"]

    def look(self, points: Iterable[_Point]) -> None:
        """Try those that are new; a strength below 0 is none."""
        new = [each for each in points if each not in self.found and each.strength >= 0]
        self._ask(sorted({each.beta for each in new} - self._likings.keys()))
        for each in new:
            strength, _ = each.numbers()
            image, caption = (-strength * side for side in self._likings[each.beta])
            self.found[each] = dict(self._score(extended(self._val, image, caption)))

    def _ask(self, betas: list[int]) -> None:
        """One pass over the bank for all of them."""
        if betas:
            numbers = [_Point(0, beta).numbers()[1] for beta in betas]
            image, caption = self._bank.liking(self._val, numbers)
            self._likings |= {beta: (image[n], caption[n]) for n, beta in enumerate(betas)}
