"""Twins: scenes that differ in which thing is what, so that word order alone tells them apart."""

import math
import random
from dataclasses import replace
from itertools import permutations, product

from pipeline.scenes.shapes import SHAPES
from pipeline.scenes.world import (
    COLOURS,
    JITTER,
    MIDDLES,
    PATTERNS,
    RADII,
    TINTS,
    Scene,
    Thing,
    apart,
    inner,
    inside,
    overlap,
)

TWINS = 4
"""So many scenes have the same words: those of a swap of two colours and of two shapes."""


def imagine(rng: random.Random) -> tuple[Scene, ...]:
    """Four twins: the first two things swap colours, shapes, both or neither, and nothing else.

    In each, any two things are clearly apart, one inside the other, or overlapping, and all stand
    in the same relations. So whatever is said of one is said in the same words of the others.
    """
    number = rng.choice((2, 3))
    how = rng.choice(("apart", "apart", "apart", "overlapping", "inside"))
    while True:
        things = _propose(rng, number, how)
        twins = _twins(Scene(rng.choice(PATTERNS), rng.randrange(TINTS), things))
        if all(map(_clear, twins)) and len({scene.layout() for scene in twins}) == 1:
            return twins


def _twins(scene: Scene) -> tuple[Scene, ...]:
    first, second, *others = scene.things
    orders = ((first, second), (second, first))
    pairs = (
        [
            replace(thing, colour=coloured.colour, shape=shaped.shape)
            for thing, coloured, shaped in zip((first, second), colours, shapes, strict=True)
        ]
        for colours, shapes in product(orders, repeat=2)
    )
    return tuple(replace(scene, things=(*pair, *others)) for pair in pairs)


def _propose(rng: random.Random, number: int, how: str) -> tuple[Thing, ...]:
    looks = zip(rng.sample(SHAPES, number), rng.sample(COLOURS, number), strict=True)
    first, second, *others = (_thing(rng, *look) for look in looks)
    if how != "apart":
        reach = 0.8 * (inner(first) + inner(second)) if how == "overlapping" else 0.01
        turn = rng.uniform(0, 2 * math.pi)
        x, y = first.x + reach * math.cos(turn), first.y + reach * math.sin(turn)
        second = replace(second, x=x, y=y)
    return (first, second, *others)


def _thing(rng: random.Random, shape: str, colour: str) -> Thing:
    size = rng.choice(tuple(RADII))
    x, y = (rng.choice(MIDDLES) + rng.uniform(-JITTER, JITTER) for _ in range(2))
    return Thing(shape, colour, size, x, y, rng.uniform(*RADII[size]))


def _clear(scene: Scene) -> bool:
    first, second, *_ = scene.things
    others = [(a, b) for i, a in enumerate(scene.things) for b in scene.things[:i]][1:]
    return (
        (apart(second, first) or inside(second, first) or overlap(second, first))
        and all(apart(a, b) for a, b in others)
        and all(scene.relations(i, j) for i, j in permutations(range(len(scene.things)), 2))
    )
