"""Sentences that are true of a scene, and the facts that each one tells."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.scenes import words
from pipeline.scenes.world import Scene

Fact = tuple[str | int, ...]
"""``("ground", pattern)``, ``("count", n)``, ``("colour" | "shape" | "size" | "place", thing,
value)`` or ``("relation", thing, name, thing)``; a thing is its index in the scene."""

SIZED = 0.7
"""How often a thing's size is told."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, and all that it claims."""

    text: str
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class _Telling:
    """A sentence in the making; each phrase that is asked for notes its facts.

    What is drawn does not depend on the things' colours and shapes, and one sentence has one word
    for a shape: so the same ``rng`` says the same words, in another order, of each twin.
    """

    scene: Scene
    rng: random.Random
    said: dict[tuple[str, str], str] = field(init=False)
    facts: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.said = {
            (kind, value): self.rng.choice(phrases)
            for kind, meanings in words.PHRASES.items()
            for value, phrases in meanings.items()
        }

    def thing(self, index: int) -> str:
        """Such as ``a big red circle``."""
        thing = self.scene.things[index]
        self.facts += [("colour", index, thing.colour), ("shape", index, thing.shape)]
        told = [thing.colour, self.said["shape", thing.shape]]
        if self.rng.random() < SIZED:
            self.facts.append(("size", index, thing.size))
            told.insert(0, self.said["size", thing.size])
        return " ".join(["a", *told])

    def placed(self, index: int) -> str:
        """Such as ``a big red circle in the top left corner``."""
        return " ".join(filter(None, (self.thing(index), self.place(index))))

    def place(self, index: int) -> str:
        """Such as ``in the top left corner``; nothing where that would not be clear."""
        place = self.scene.things[index].place
        if place is None:
            return ""
        self.facts.append(("place", index, place))
        return self.said["place", place]

    def relation(self, first: int, second: int) -> str:
        """Such as ``to the left of``; the things stand in one."""
        name = self.rng.choice(self.scene.relations(first, second))
        self.facts.append(("relation", first, name, second))
        return self.said["relation", name]

    def ground(self) -> str:
        """Such as ``a background of vertical stripes``."""
        self.facts.append(("ground", self.scene.pattern))
        return self.said["ground", self.scene.pattern]

    def maybe_on_ground(self, text: str) -> str:
        """``text``, most often with such as ``on plain ground`` behind it."""
        return f"{text} on {self.ground()}" if self.rng.random() < 0.7 else text

    def count(self) -> str:
        """Such as ``two shapes``."""
        number = len(self.scene.things)
        self.facts.append(("count", number))
        return f"{self.said['count', str(number)]} {self.rng.choice(words.THINGS)}s"


def describe(scene: Scene, rng: random.Random) -> list[Sentence]:
    """One true sentence of each style, in random order; each tells other facts.

    Twins that are described with equal generators get the same words, sentence by sentence.
    """
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
    first, second, *rest = _order(telling)
    start = f"{telling.count()} on {telling.ground()}: {telling.thing(first)}"
    pair = f"{start} {telling.relation(first, second)} {telling.thing(second)}"
    return ", and ".join([pair, *(telling.placed(i) for i in rest)])


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
    start += "".join(f"there is {telling.placed(i)}, and " for i in rest)
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
