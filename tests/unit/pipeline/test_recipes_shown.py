"""A recipe shown whole: it says every key, and read back it is the same recipe."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import keys
from pipeline import recipe_files
from pipeline.parts import kinds, sections
from pipeline.recipe_toml import to_toml, value
from train.recipe import resolve
from train.schema import Recipe

ODD: dict[str, Any] = {
    "about": 'two lines\nof "quotes", \\ and \x7f, 😀\x00',
    "epochs": 9,
    "phases": ["two", "one"],
    "image": {"dropout": 1e-05},
    "loss": {"b": {"name": "hinge", "margin": 1e22}, "a": {"name": "hinge"}},
    "phase": {
        "one": {"loss": {"b": 2.0, "a": 0.5}, "rates": {"image.*": 0.0, 'te"xt': 0.5}},
        "two": {
            "epochs": 3,
            "optimiser": {"name": "adam", "lr": 0.5},
            "schedule": {"name": "step", "every": 2},
        },
    },
}
SUM: dict[str, Any] = {
    "text": {
        "name": "sum",
        "first": {"name": "sum", "second": {"name": "gru", "files": ["a.txt"]}},
        "second": {"files": ["glove.txt", "b.vec"], "word_dim": 9},
    }
}
RECIPES = [*map(recipe_files.read, recipe_files.names()), {}, ODD, SUM]
IDS = [*recipe_files.names(), "empty", "odd", "sum"]


@pytest.fixture(params=RECIPES, ids=IDS)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return resolve(request.param)


def test_read_back_it_is_the_same_recipe(recipe: Recipe) -> None:
    again = resolve(tomllib.loads(to_toml(recipe)))
    assert again.model_dump() == recipe.model_dump()


def test_every_key_is_there_with_its_value(recipe: Recipe) -> None:
    told = {row.key: row.value for section in sections(recipe) for row in section.rows}
    assert told.keys() == set(keys(type(recipe))) - {"features"}
    whole = tomllib.loads(to_toml(recipe))
    for key, expected in told.items():
        found: Any = whole
        for part in key.split("."):
            found = found.get(part)
        assert found == expected, key


def test_the_order_of_phases_and_losses_is_kept() -> None:
    whole = tomllib.loads(to_toml(resolve(ODD)))
    assert whole["phases"] == ["two", "one"]
    assert list(whole["phase"]["one"]["loss"]) == ["b", "a"]


def test_behind_a_value_stands_what_is_accepted_and_a_default_that_is_another() -> None:
    lines = to_toml(resolve(ODD)).splitlines()
    remarks = dict(line.split("#", 1) for line in lines if " = " in line and "about" not in line)
    told = {name.strip(): remark.strip() for name, remark in remarks.items()}
    passes = "passes over the training examples, in all phases"
    assert told["epochs = 9"] == f"{passes} (a whole number from 0; default 30)"
    assert told["dropout = 1e-05"].endswith("(a number from 0 up to but not 1; default 0.0)")
    assert told['negatives = "hardest"'].endswith("(hardest or all)")
    assert told["lr = 0.5"] == "learning rate (a number above 0; default 0.0002)"
    left_out = "so many; the last phase takes the rest (a whole number from 1, or left out)"
    assert f"# epochs is left out             # {left_out}" in lines


def test_a_part_that_is_not_the_usual_one_tells_the_usual_one() -> None:
    (section,) = (s for s in sections(resolve({})) if s.path == "text")
    named = section.rows[0]
    assert (named.key, named.value, named.default) == ("text.name", "gru", "gru")
    assert "gru" in named.accepted
    assert section.about.startswith("Word embeddings and a GRU")


def test_the_kinds_of_parts_follow_from_the_tasks() -> None:
    titles = {kind.section: kind.title for kind in kinds()}
    assert titles["image"] == "Image encoders"
    assert titles["loss"] == "Losses"
    assert {"task", "text", "sampler", "optimiser", "schedule"} <= titles.keys()


SIMPLE = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
NESTED = st.recursive(SIMPLE, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(NESTED)
def test_any_value_comes_back_from_toml(given_value: Any) -> None:
    assert tomllib.loads(f"x = {value(given_value)}")["x"] == given_value
