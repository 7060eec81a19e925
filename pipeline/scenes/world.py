"""Scenes: which things there are, where, and what is true of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

from pipeline.scenes.shapes import INNER, OUTER

COLOURS = ("red", "blue", "green", "yellow")
PATTERNS = ("plain", "upright", "level", "slanted", "checked", "dotted", "ringed", "fading")
TINTS = 5
"""So many tones of the ground; captions never tell them."""

RADII = {"small": (0.1, 0.11), "big": (0.155, 0.17)}
"""Size -> range of radii, as a part of the picture's side."""

MIDDLES = (0.3, 0.7)
JITTER = 0.03
ROWS = ("top", "bottom")
COLUMNS = ("left", "right")
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
        """The quarter of the picture that the middle is well inside of, such as ``top left``."""
        row, column = _half(self.y), _half(self.x)
        return None if row is None or column is None else f"{ROWS[row]} {COLUMNS[column]}"


LOOKS = ("colour", "shape")
"""What twins swap."""

Layout = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, ...], ...]]
"""The ground's pattern, each thing's size and place, and the relations of each pair."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Two or three things of different colours and shapes, drawn in this order on a ground."""

    pattern: str
    tint: int
    things: tuple[Thing, ...]

    def relations(self, first: int, second: int) -> list[str]:
        """What thing ``first`` is to thing ``second``, such as ``["left of", "above"]``."""
        a, b = self.things[first], self.things[second]
        found = [name for name, holds in _RELATIONS.items() if holds(a, b)]
        if overlap(a, b):
            found.append("in front of" if first > second else "behind")
        return found

    def layout(self) -> Layout:
        """Of what captions may tell, all but colours and shapes: no swap of these changes it."""
        each = tuple((t.size, t.place or "") for t in self.things)
        pairs = permutations(range(len(self.things)), 2)
        return (self.pattern, each, tuple(tuple(self.relations(i, j)) for i, j in pairs))

    def bag(self) -> tuple[object, ...]:
        """What captions may tell, whatever thing it is true of: equal for all twins."""
        pattern, each, pairs = self.layout()
        colours, shapes = (sorted(getattr(t, look) for t in self.things) for look in LOOKS)
        return (pattern, sorted(each), sorted(pairs), colours, shapes)


def _half(value: float) -> int | None:
    near = [i for i, middle in enumerate(MIDDLES) if abs(value - middle) <= 2 * JITTER]
    return near[0] if near else None


def _distance(a: Thing, b: Thing) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)


def inner(thing: Thing) -> float:
    """The radius of a disc round the middle that lies within the thing."""
    return INNER[thing.shape] * thing.radius


def apart(a: Thing, b: Thing) -> bool:
    """Whether the things cannot touch."""
    return _distance(a, b) > OUTER * (a.radius + b.radius)


def inside(a: Thing, b: Thing) -> bool:
    """Whether thing ``a`` lies wholly within ``b``."""
    return _distance(a, b) + OUTER * a.radius <= inner(b)


def overlap(a: Thing, b: Thing) -> bool:
    """Whether the things surely cover each other in part."""
    # The lower bound leaves enough to see of the one behind.
    return 0.75 * max(a.radius, b.radius) <= _distance(a, b) <= 0.95 * (inner(a) + inner(b))


_RELATIONS: dict[str, Callable[[Thing, Thing], bool]] = {
    "left of": lambda a, b: b.x - a.x >= CLEAR,
    "right of": lambda a, b: a.x - b.x >= CLEAR,
    "above": lambda a, b: b.y - a.y >= CLEAR,
    "below": lambda a, b: a.y - b.y >= CLEAR,
    "inside": inside,
    "around": lambda a, b: inside(b, a),
}
