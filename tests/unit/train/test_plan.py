"""What names a run: every part and every option that is not at its default."""

import pytest
from train_fakes import make_cache, make_world

from core.errors import InputError
from pipeline import recipe_files
from tests.plugin_folder import PARTS, added
from train.plan import Plan
from train.recipe import resolve

OWN = {"phase": {"a": {"epochs": 1}, "b": {}}}


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, train=4, val=2)


def key(world, recipe=None, *assignments, seed=0):
    return Plan.of(world.corpus, world.sources, resolve(recipe or {}, assignments), seed).key


def test_what_is_stated_at_its_default_is_the_same_run(world):
    assert key(world) == key(world, {}, "margin=0.2", "lr=0.0002", "text=gru", "about=words")


def test_every_part_counts_even_with_its_defaults(world):
    with added(PARTS):
        recipes = [
            {},
            {"text": {"name": "normed_bag"}},
            {"optimiser": {"name": "downhill"}},
            {"schedule": {"name": "rise"}},
            {"loss": {"other": {"name": "hinge"}}},
            {"loss": {"hinge": {"name": "each_row"}}},
            OWN,
            {"phase": {"a": {"epochs": 1, "optimiser": {"name": "adam"}}, "b": {}}},
            {"phase": {"a": {"epochs": 1, "optimiser": {"name": "downhill"}}, "b": {}}},
        ]
        assert len({key(world, recipe) for recipe in recipes}) == len(recipes)


def test_options_order_seed_and_data_count(world, tmp_path):
    keys = [key(world), key(world, {}, "margin=0.3"), key(world, seed=1), key(world, OWN)]
    keys += [key(world, {"phase": {"b": {"epochs": 1}, "a": {}}})]
    world.cache = make_cache(tmp_path / "other", world.corpus, fields="other")
    keys += [key(world)]
    assert len(set(keys)) == len(keys)


def test_the_key_of_each_recipe_is_its_own(world):
    recipes = [recipe_files.read(name) for name in recipe_files.names()]
    assert len({key(world, recipe) for recipe in recipes}) == len(recipes)


def test_an_empty_part_is_refused(tmp_path):
    with pytest.raises(InputError, match="'val' is empty"):
        make_world(tmp_path, train=4, val=0).plan()
