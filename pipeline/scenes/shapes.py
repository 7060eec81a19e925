"""The outlines of the shapes, as polygons inside the unit circle."""

import math
from collections.abc import Callable

Outline = list[tuple[float, float]]


def _turns(radii: list[float], start: float = -0.25) -> Outline:
    """Points at equal angles, x to the right and y down; the first at the top unless told."""
    angles = [2 * math.pi * (start + i / len(radii)) for i in range(len(radii))]
    return [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


def _cross() -> Outline:
    long, arm = 0.94, 0.33
    corner = [(arm, -long), (arm, -arm), (long, -arm)]
    right = [*corner, *[(x, -y) for x, y in reversed(corner)]]
    return [*right, *[(-x, y) for x, y in reversed(right)]]


def _heart() -> Outline:
    angles = [2 * math.pi * i / 60 for i in range(60)]
    return [(0.95 * math.sin(t) ** 3, _heart_height(t)) for t in angles]


def _heart_height(t: float) -> float:
    upward = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
    return -(upward + 2.5) / 16.5


_OUTLINES: dict[str, Callable[[], Outline]] = {
    "circle": lambda: _turns([0.95] * 60),
    "square": lambda: _turns([1.15] * 4, start=0.125),
    "triangle": lambda: _turns([1.15] * 3),
    "star": lambda: _turns([1.05, 0.45] * 5),
    "cross": _cross,
    "heart": _heart,
}

SHAPES = tuple(_OUTLINES)

INNER = {
    "circle": 0.9, "square": 0.8, "triangle": 0.5, "star": 0.42, "cross": 0.42, "heart": 0.44
}  # fmt: skip
"""Shape -> the radius of a disc round the middle that lies within the outline."""

OUTER = 1.16
"""The radius of a disc round the middle that holds every outline."""


def outline(shape: str) -> Outline:
    """The corners (x, y) of a shape of radius 1 round (0, 0); y grows downwards."""
    return _OUTLINES[shape]()
