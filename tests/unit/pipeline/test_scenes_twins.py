"""Word order decides: each sentence has three twins in the same words that are true elsewhere."""

import random
from collections import Counter
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from core.splitting import tokenise
from pipeline.scenes.sentences import Fact, Sentence, describe
from pipeline.scenes.twins import TWINS
from pipeline.scenes.world import Scene
from pipeline.scenes.write import captions, scenes
from tests.unit.pipeline.test_scenes_sentences import fits, value
from tests.unit.pipeline.test_scenes_world import truth

PICTURES = 300
GROUPS = [range(k, k + TWINS) for k in range(0, PICTURES, TWINS)]
OWN = np.repeat(np.arange(PICTURES), 5)


@cache
def seen() -> list[Scene]:
    return list(scenes("test", PICTURES, seed=0))


@cache
def told() -> list[list[Sentence]]:
    return [describe(scene, captions("test", k, seed=0)) for k, scene in enumerate(seen())]


def words(scene: Scene) -> Counter[tuple[str, object]]:
    """How often each value of each kind is true of the scene, whatever thing it is true of."""
    kinds = ("colour", "shape", "size", "place")
    found = [(kind, getattr(thing, kind)) for thing in scene.things for kind in kinds]
    numbers = range(len(scene.things))
    for pair in ((i, j) for i in numbers for j in numbers if i != j):
        found += [("relation", name) for name in scene.relations(*pair)]
    return Counter([*found, ("ground", scene.pattern), ("count", str(len(scene.things)))])


def told_words(facts: Iterable[Fact]) -> Counter[tuple[str, object]]:
    return Counter((str(fact[0]), value(fact)) for fact in facts)


def first_hits(fitting: npt.NDArray[np.bool_], many: list[int]) -> tuple[float, float]:
    """R@1 both ways in percent of who sees (captions, pictures) which fit, and draws among equals.

    A picture takes one of those fitting captions that tell the most.
    """
    assert fitting[np.arange(len(OWN)), OWN].all()
    to_image = 100 * (1 / fitting.sum(axis=1)).mean()
    scores = np.where(fitting, np.array(many)[:, None], -1)
    best = scores == scores.max(axis=0)
    to_caption = 100 * np.mean([(OWN[best[:, i]] == i).mean() for i in range(PICTURES)])
    return float(to_caption), float(to_image)


def test_twins_say_the_same_words_of_other_things() -> None:
    for group in GROUPS:
        assert len({truth(seen()[k]) for k in group}) == TWINS
        for sentences in zip(*(told()[k] for k in group), strict=True):
            assert len({tuple(sorted(tokenise(s.text))) for s in sentences}) == 1
            assert len({frozenset(s.facts) for s in sentences}) == TWINS
            assert len({s.text for s in sentences}) > 1


def test_twins_differ_in_which_thing_has_which_colour_and_shape_alone() -> None:
    for group in GROUPS:
        first, *others = (seen()[k] for k in group)
        for other in others:
            assert other.layout() == first.layout()
            assert (other.pattern, other.tint) == (first.pattern, first.tint)
            for one, two in zip(first.things, other.things, strict=True):
                assert (one.x, one.y, one.radius) == (two.x, two.y, two.radius)
            for look in ("colour", "shape"):
                one, two = ([getattr(t, look) for t in s.things] for s in (first, other))
                assert sorted(one) == sorted(two)


def test_a_sentence_is_seldom_true_of_a_twin() -> None:
    true = [
        sum(fits(seen()[twin], list(s.facts)) for twin in group if twin != k)
        for group in GROUPS
        for k in group
        for s in told()[k]
    ]
    assert np.mean(np.array(true) > 0) < 0.06


def test_words_without_order_find_the_group_and_sentences_the_picture() -> None:
    sentences = [s for said in told() for s in said]
    there = [words(scene).items() for scene in seen()]
    asked = [told_words(s.facts) for s in sentences]
    bag = np.array([[_within(said, dict(have)) for have in there] for said in asked])
    order = np.array([[fits(scene, list(s.facts)) for scene in seen()] for s in sentences])
    many = [len(s.facts) for s in sentences]
    assert all(20 <= rate <= 25 + 1e-9 for rate in first_hits(bag, many))
    assert all(95 <= rate <= 100 for rate in first_hits(order, many))


@pytest.mark.parametrize("split", ["train", "val"])
def test_no_words_of_one_split_are_anothers(split: str) -> None:
    bags = {repr(scene.bag()) for scene in seen()}
    assert len(bags) == len(GROUPS)
    assert not bags & {repr(scene.bag()) for scene in scenes(split, PICTURES, seed=0)}


def test_equal_generators_choose_equal_words_for_twins() -> None:
    for group in GROUPS[:20]:
        texts = [[s.text for s in describe(seen()[k], random.Random("any"))] for k in group]
        assert len({repr([sorted(tokenise(text)) for text in said]) for said in texts}) == 1


def _within(said: Counter[tuple[str, object]], have: dict[tuple[str, object], int]) -> bool:
    return all(have.get(fact, 0) >= times for fact, times in said.items())
