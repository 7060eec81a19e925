"""What a scene claims, against the pixels that each thing covers when it is drawn alone."""

import random
from dataclasses import replace
from functools import cache
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest

from core.files import json_sha256
from pipeline.scenes.draw import RGB, SIDE, draw
from pipeline.scenes.shapes import INNER, OUTER, SHAPES, outline
from pipeline.scenes.twins import imagine
from pipeline.scenes.world import COLOURS, COLUMNS, PATTERNS, ROWS, TINTS, Scene, Thing
from pipeline.scenes.write import scenes

Mask = npt.NDArray[np.bool_]


@cache
def drawn() -> list[Scene]:
    twins = [imagine(random.Random(f"world {k}")) for k in range(60)]
    return [scene for group in twins for scene in group]


def truth(scene: Scene) -> tuple[object, ...]:
    """All that captions may tell: equal for scenes that no caption can tell apart."""
    order = sorted(range(len(scene.things)), key=lambda i: scene.things[i].colour)
    each = tuple((t.colour, t.shape, t.size, t.place) for t in (scene.things[i] for i in order))
    pairs = tuple(tuple(scene.relations(i, j)) for i, j in permutations(order, 2))
    return (scene.pattern, each, pairs)


@cache
def alone(thing: Thing) -> Mask:
    """The pixels (SIDE, SIDE) that a thing covers wholly: blue on a plain, light ground."""
    scene = Scene("plain", 0, (replace(thing, colour="blue"),))
    return np.all(np.asarray(draw(scene)) == RGB["blue"], axis=2)


def middle(mask: Mask) -> tuple[float, float]:
    """The middle (x, y) of the box round the pixels, as a part of the side."""
    y, x = np.nonzero(mask)
    return (x.min() + x.max() + 1) / 2 / SIDE, (y.min() + y.max() + 1) / 2 / SIDE


@pytest.mark.parametrize("shape", SHAPES)
def test_the_discs_of_a_shape_are_inside_and_around_it(shape: str) -> None:
    thing = Thing(shape, "blue", "big", 0.5, 0.5, 0.4)
    mask = alone(thing)
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    radius = np.hypot(x - SIDE / 2, y - SIDE / 2) / (0.4 * SIDE)
    assert mask[radius < INNER[shape] - 0.03].all()
    assert not mask[radius > OUTER].any()
    assert max(np.hypot(*corner) for corner in outline(shape)) <= OUTER


def test_relations_hold_in_the_pixels() -> None:
    seen = set()
    for scene in drawn():
        masks = [alone(thing) for thing in scene.things]
        for i, j in permutations(range(len(masks)), 2):
            told = scene.relations(i, j)
            assert told
            seen.update(told)
            a, b = masks[i], masks[j]
            (ax, ay), (bx, by) = middle(a), middle(b)
            truth = {"left of": ax < bx - 0.08, "right of": ax > bx + 0.08}
            truth |= {"above": ay < by - 0.08, "below": ay > by + 0.08}
            truth |= {"inside": not (a & ~b).any(), "around": not (b & ~a).any()}
            both, either = (a & b).any(), (a & ~b).any() and (b & ~a).any()
            truth |= {"in front of": both and either and i > j}
            truth |= {"behind": both and either and i < j}
            assert all(truth[name] for name in told), (told, scene)
            hard = {name for name in ("inside", "around", "in front of", "behind") if truth[name]}
            assert hard <= set(told), (told, scene)
    assert len(seen) == 8


def test_places_hold_in_the_pixels() -> None:
    for scene in drawn():
        for thing in scene.things:
            if thing.place is None:
                continue
            row, column = thing.place.split()
            x, y = middle(alone(thing))
            assert COLUMNS[int(x * 2)] == column
            assert ROWS[int(y * 2)] == row


def test_every_thing_shows_its_colour_and_enough_of_itself() -> None:
    for scene in drawn():
        pixels = np.asarray(draw(scene))
        for thing in scene.things:
            shown = np.all(pixels == RGB[thing.colour], axis=2).sum()
            assert shown >= 0.2 * alone(thing).sum(), scene


def test_things_stay_where_a_centre_crop_sees_them() -> None:
    for scene in drawn():
        for thing in scene.things:
            mask = alone(thing)
            cut = SIDE // 16
            assert mask.sum() == mask[cut:-cut, cut:-cut].sum() or thing.place is None


def test_a_thing_is_big_or_small_by_clearly_different_radii() -> None:
    radii = {"small": [0.0], "big": [0.0]}
    for scene in drawn():
        for thing in scene.things:
            radii[thing.size].append(thing.radius)
    assert max(radii["small"]) < 0.8 * min(r for r in radii["big"] if r)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_grounds_differ_and_hold_no_colour_of_a_thing(pattern: str) -> None:
    thing = Thing("circle", "red", "small", 0.5, 0.5, 0.09)
    grounds = {p: np.asarray(draw(Scene(p, 0, (thing,)))).astype(int) for p in PATTERNS}
    for other in set(PATTERNS) - {pattern}:
        assert np.abs(grounds[pattern] - grounds[other]).mean() > 1
    for tint in range(TINTS):
        pixels = np.asarray(draw(Scene(pattern, tint, (thing,))))
        for colour in set(COLOURS) - {"red"}:
            assert not np.all(pixels == RGB[colour], axis=2).any()


def test_no_scene_repeats_another_in_or_across_splits() -> None:
    parts = {split: list(scenes(split, 120, seed=3)) for split in ("train", "val", "test")}
    truths = [truth(scene) for part in parts.values() for scene in part]
    assert len(set(truths)) == len(truths) == 360
    # Few scenes would hardly collide by chance: the rule itself keeps the splits apart, and twins,
    # which have one bag, together.
    rests = {
        split: {int(json_sha256(scene.bag())[:8], 16) % 8 for scene in part}
        for split, part in parts.items()
    }
    bags = [{json_sha256(scene.bag()) for scene in part} for part in parts.values()]
    assert [len(found) for found in bags] == [30, 30, 30]
    assert rests == {"train": {2, 3, 4, 5, 6, 7}, "val": {0}, "test": {1}}
