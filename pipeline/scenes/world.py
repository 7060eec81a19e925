"""Scenes: which things there are, where, and what is true of them."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations

from pipeline.scenes.shapes import INNER, OUTER, SHAPES

COLOURS = ("red", "blue", "green", "yellow")
PATTERNS = ("plain", "upright", "level", "slanted", "checked", "dotted", "ringed", "fading")
TINTS = 5
"""So many tones of the ground; captions never tell them."""

RADII = {"small": (0.085, 0.095), "big": (0.135, 0.15)}
"""Size -> range of radii, as a part of the picture's side."""

MIDDLES = (0.26, 0.5, 0.74)
JITTER = 0.03
ROWS = ("top", "centre", "bottom")
COLUMNS = ("left", "middle", "right")
CLEAR = 0.15
"""One thing is left of (above) another when it is so much further left (up)."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A shape; ``x`` to the right, ``y`` down and ``radius`` are parts of the picture's side."""

    shape: str
    colour: str
    size: str
    x: float
    y: float
    radius: float

    @property
    def place(self) -> str | None:
        """The ninth of the picture that the middle is well inside of, such as ``top left``."""
        row, column = _ninth(self.y), _ninth(self.x)
        return None if row is None or column is None else f"{ROWS[row]} {COLUMNS[column]}"


@dataclass(frozen=True, slots=True)
class Scene:
    """Two or three things of different colours, drawn in this order on a ground."""

    pattern: str
    tint: int
    things: tuple[Thing, ...]

    def relations(self, first: int, second: int) -> list[str]:
        """What thing ``first`` is to thing ``second``, such as ``["left of", "above"]``."""
        a, b = self.things[first], self.things[second]
        found = [name for name, holds in _RELATIONS.items() if holds(a, b)]
        if _overlap(a, b):
            found.append("in front of" if first > second else "behind")
        return found

    def truth(self) -> tuple[object, ...]:
        """All that captions may tell: equal for scenes that no caption can tell apart."""
        order = sorted(range(len(self.things)), key=lambda i: self.things[i].colour)
        each = tuple((t.colour, t.shape, t.size, t.place) for t in (self.things[i] for i in order))
        pairs = tuple(tuple(self.relations(i, j)) for i, j in permutations(order, 2))
        return (self.pattern, each, pairs)


def imagine(rng: random.Random) -> Scene:
    """A scene in which each two things are clearly apart, one inside the other, or overlapping."""
    number = rng.choice((2, 3))
    how = rng.choice(("apart", "apart", "overlapping", "inside"))
    while True:
        things = _propose(rng, number, how)
        scene = Scene(rng.choice(PATTERNS), rng.randrange(TINTS), things)
        if _clear(scene):
            return scene


def _propose(rng: random.Random, number: int, how: str) -> tuple[Thing, ...]:
    first, second, *others = (_thing(rng, colour) for colour in rng.sample(COLOURS, number))
    if how != "apart":
        reach = 0.8 * (_inner(first) + _inner(second)) if how == "overlapping" else 0.01
        turn = rng.uniform(0, 2 * math.pi)
        x, y = first.x + reach * math.cos(turn), first.y + reach * math.sin(turn)
        second = replace(second, x=x, y=y)
    return (first, second, *others)


def _thing(rng: random.Random, colour: str) -> Thing:
    size = rng.choice(tuple(RADII))
    x, y = (rng.choice(MIDDLES) + rng.uniform(-JITTER, JITTER) for _ in range(2))
    return Thing(rng.choice(SHAPES), colour, size, x, y, rng.uniform(*RADII[size]))


def _ninth(value: float) -> int | None:
    near = [i for i, middle in enumerate(MIDDLES) if abs(value - middle) <= 2 * JITTER]
    return near[0] if near else None


def _clear(scene: Scene) -> bool:
    first, second, *_ = scene.things
    others = [(a, b) for i, a in enumerate(scene.things) for b in scene.things[:i]][1:]
    return (
        (_apart(second, first) or _inside(second, first) or _overlap(second, first))
        and all(_apart(a, b) for a, b in others)
        and all(scene.relations(i, j) for i, j in permutations(range(len(scene.things)), 2))
    )


def _distance(a: Thing, b: Thing) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)


def _inner(thing: Thing) -> float:
    return INNER[thing.shape] * thing.radius


def _apart(a: Thing, b: Thing) -> bool:
    return _distance(a, b) > OUTER * (a.radius + b.radius)


def _inside(a: Thing, b: Thing) -> bool:
    return _distance(a, b) + OUTER * a.radius <= _inner(b)


def _overlap(a: Thing, b: Thing) -> bool:
    # The lower bound leaves enough to see of the one behind.
    return 0.75 * max(a.radius, b.radius) <= _distance(a, b) <= 0.95 * (_inner(a) + _inner(b))


_RELATIONS: dict[str, Callable[[Thing, Thing], bool]] = {
    "left of": lambda a, b: b.x - a.x >= CLEAR,
    "right of": lambda a, b: a.x - b.x >= CLEAR,
    "above": lambda a, b: b.y - a.y >= CLEAR,
    "below": lambda a, b: a.y - b.y >= CLEAR,
    "inside": _inside,
    "around": lambda a, b: _inside(b, a),
}
