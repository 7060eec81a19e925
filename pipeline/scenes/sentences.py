"""Sentences that are true of a scene, and the facts that each one tells."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipeline.scenes import words
from pipeline.scenes.world import Scene

Fact = tuple[str | int, ...]
"""``("ground", pattern)``, ``("count", n)``, ``("colour" | "shape" | "size" | "place", thing,
value)`` or ``("relation", thing, name, thing)``; a thing is its index in the scene."""

VAGUE = 0.08
"""How often a thing's colour, and as often its shape, stays untold."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, and all that it claims."""

    text: str
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class _Telling:
    """A sentence in the making; each phrase that is asked for notes its facts."""

    scene: Scene
    rng: random.Random
    facts: list[Fact] = field(default_factory=list)

    def thing(self, index: int) -> str:
        """Such as ``a big red circle``."""
        thing, chance = self.scene.things[index], self.rng.random()
        told = []
        if self.rng.random() < 0.7:
            told.append(self._word("size", index, words.SIZES, thing.size))
        if chance >= VAGUE:
            self.facts.append(("colour", index, thing.colour))
            told.append(thing.colour)
        if VAGUE <= chance < 2 * VAGUE:
            told.append(self.rng.choice(words.THINGS))
        else:
            told.append(self._word("shape", index, words.NOUNS, thing.shape))
        return " ".join(["a", *told])

    def _word(
        self, kind: str, index: int, lexicon: Mapping[str, tuple[str, ...]], value: str
    ) -> str:
        self.facts.append((kind, index, value))
        return self.rng.choice(lexicon[value])

    def placed(self, index: int) -> str:
        """Such as ``a big red circle in the top left corner``."""
        return " ".join(filter(None, (self.thing(index), self.place(index))))

    def place(self, index: int) -> str:
        """Such as ``in the top left corner``; nothing where that would not be clear."""
        place = self.scene.things[index].place
        return self._word("place", index, words.PLACES, place) if place else ""

    def relation(self, first: int, second: int) -> str:
        """Such as ``to the left of``; the things stand in one."""
        name = self.rng.choice(self.scene.relations(first, second))
        self.facts.append(("relation", first, name, second))
        return self.rng.choice(words.RELATIONS[name])

    def ground(self) -> str:
        """Such as ``a background of vertical stripes``."""
        self.facts.append(("ground", self.scene.pattern))
        return self.rng.choice(words.GROUNDS[self.scene.pattern])

    def maybe_on_ground(self, text: str) -> str:
        """``text``, most often with such as ``on plain ground`` behind it."""
        return f"{text} on {self.ground()}" if self.rng.random() < 0.7 else text

    def count(self) -> str:
        """Such as ``two shapes``."""
        number = len(self.scene.things)
        self.facts.append(("count", number))
        return f"{self.rng.choice(words.COUNTS[number])} {self.rng.choice(words.THINGS)}s"


def describe(scene: Scene, rng: random.Random) -> list[Sentence]:
    """One true sentence of each style, in random order; each tells other facts."""
    styles = rng.sample(_STYLES, len(_STYLES))
    return [_sentence(scene, rng, style) for style in styles]


def _sentence(scene: Scene, rng: random.Random, style: Callable[[_Telling], str]) -> Sentence:
    telling = _Telling(scene, rng)
    text = style(telling)
    return Sentence(f"{text[0].upper()}{text[1:]}.", tuple(telling.facts))


def _order(telling: _Telling) -> list[int]:
    number = len(telling.scene.things)
    return telling.rng.sample(range(number), number)


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _counted(telling: _Telling) -> str:
    start = f"{telling.count()} on {telling.ground()}"
    return f"{start}: {_listed([telling.thing(i) for i in _order(telling)])}"


def _everywhere(telling: _Telling) -> str:
    text = f"there is {_listed([telling.placed(i) for i in _order(telling)])}"
    return telling.maybe_on_ground(text)


def _related(telling: _Telling) -> str:
    first, second, *rest = _order(telling)
    text = f"{telling.placed(first)} is {telling.relation(first, second)} {telling.thing(second)}"
    return telling.maybe_on_ground(text) + "".join(
        f", and there is {telling.placed(i)}" for i in rest
    )


def _on_ground(telling: _Telling) -> str:
    first, second, *rest = _order(telling)
    start = f"on {telling.ground()} "
    start += "".join(f"there is {telling.thing(i)}, and " for i in rest)
    return f"{start}{telling.thing(first)} lies {telling.relation(first, second)} " + (
        telling.placed(second)
    )


def _from_place(telling: _Telling) -> str:
    order = _order(telling)
    first = next(i for i in order if telling.scene.things[i].place)
    start = telling.maybe_on_ground(f"{telling.place(first)} there is {telling.thing(first)}")
    others = [f"{telling.thing(i)} {telling.relation(i, first)} it" for i in order if i != first]
    return f"{start}, with {' and '.join(others)}"


_STYLES = (_counted, _everywhere, _related, _on_ground, _from_place)
