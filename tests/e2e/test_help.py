"""What the command line says of itself is what is there."""

import json
import re
import tomllib
from functools import reduce
from pathlib import Path
from typing import Any

import click
import pytest

from core.plugins import names, summary
from core.settings import keys
from evaluate import judge, measures
from extract.settings import FREE, FeatureSettings
from pipeline import recipe_files
from pipeline.commands.evaluate import EFFECTS as evaluates
from pipeline.commands.evaluate import command as evaluate
from pipeline.commands.features import EFFECTS as extracts
from pipeline.commands.features import command as features
from pipeline.commands.train import command as train
from pipeline.parts import kinds
from pipeline.said import effects
from pipeline.said.train_help import EFFECTS as trains
from tests.e2e.conftest import Said, Type
from train.recipe import resolve

PACKAGES = [*(kind.package for kind in kinds()), measures.PACKAGE, judge.PACKAGE]
DEFAULT = next(param.default for param in train.params if param.name == "recipe")


def page(said: Said) -> str:
    """The help as one line, as it is wrapped anywhere."""
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 100
    return " ".join(said.out.split())


def told(said: Said) -> dict[str, Any]:
    """The keys of the recipe, and their values; those that are cut short are left out."""
    whole = said.out.split("Keys of --set")[1].split("\nWith ")[0]
    rows = re.findall(r"^ +([\w.]+) = (.+?)(?:  .*)?$", whole, re.MULTILINE)
    return {key: json.loads(value) for key, value in rows if not value.endswith(" ...")}


def settings(recipe: str, *assignments: str) -> dict[str, Any]:
    resolved = resolve(recipe_files.read(recipe), assignments)
    values = resolved.model_dump(mode="json")
    found = {key: reduce(lambda v, k: v[k], key.split("."), values) for key in keys(type(resolved))}
    assert len(found.pop("about")) > 48
    del found["features"]  # no key of --set
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_train_lists_every_part_with_its_line(tencrop: Type, package: str) -> None:
    said = page(tencrop("train", "--help"))
    assert names(package)
    for name in names(package):
        assert f" {name} {summary(package, name)} " in said


def test_train_and_recipes_list_the_recipes(tencrop: Type) -> None:
    said, listed = page(tencrop("train", "--help")), tencrop("recipes").out.splitlines()
    assert len(listed) == len(recipe_files.names()) > 0
    for name, line in zip(recipe_files.names(), listed, strict=True):
        about = recipe_files.read(name)["about"]
        assert f" {name} {about} " in said
        assert re.fullmatch(rf"{re.escape(name)} +{re.escape(about)}", line)


def test_evaluate_lists_every_measure_and_each_of_its_options(tencrop: Type) -> None:
    said = page(tencrop("evaluate", "--help"))
    for name in names(measures.PACKAGE):
        assert f" {name} {summary(measures.PACKAGE, name)} " in said
        for key, field in measures.schema_of(name).model_fields.items():
            assert f" {name}.{key}={','.join(map(str, field.default))} " in said
            assert f"; {field.description}" in said
    assert "recall.k=1,5,10 a list, each a whole number from 1; among how many" in said


@pytest.mark.parametrize("recipe", recipe_files.names())
def test_the_keys_have_the_values_of_the_recipe_that_is_asked_for(
    tencrop: Type, recipe: str
) -> None:
    before, after = (
        tencrop("train", *words)
        for words in (("--recipe", recipe, "--help"), ("--help", "--recipe", recipe))
    )
    assert before.out == after.out
    assert told(before) == settings(recipe)


def test_the_usual_recipe_is_shown_without_one(tencrop: Type) -> None:
    assert told(tencrop("train", "--help")) == settings(DEFAULT)


def test_what_is_set_beside_help_is_shown(tencrop: Type) -> None:
    changes = ("margin=0.5", "embed_dim=7")
    said = tencrop("train", "--help", *(word for c in changes for word in ("--set", c)))
    assert told(said) == settings(DEFAULT, *changes)


def test_each_key_says_what_is_accepted_and_what_it_is(tencrop: Type) -> None:
    said = page(tencrop("train", "--help", "--recipe", "demo"))
    assert "epochs = 8 a whole number from 0; passes over the training examples" in said
    assert 'loss.all.negatives = "all" hardest or all; the hardest of the batch' in said
    assert "text.word_dropout = 0.0 a number from 0 up to but not 1; share of the words" in said
    assert "image.normalise = true true or false; scale each feature" in said
    assert "optimiser.lr = 0.003 a number above 0; learning rate" in said


def test_a_recipe_without_phases_still_tells_of_them(tencrop: Type) -> None:
    said = tencrop("train", "--help", "--recipe", "vse++").out
    assert "\nWith phase.NAME:\n" in said
    assert "phase.NAME.rates = {}" in said
    assert "phase.NAME" not in tencrop("train", "--help", "--recipe", "demo").out


def test_a_recipe_or_a_value_that_is_none_is_refused_beside_help_too(tencrop: Type) -> None:
    for words in (("--recipe", "demmo"), ("--set", "margin=-1")):
        said = tencrop("train", "--help", *words)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("error: ")
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("recipe", recipe_files.names())
def test_a_recipe_that_is_shown_is_the_same_recipe(
    tencrop: Type, recipe: str, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.toml"
    saved.write_text(tencrop("recipes", "show", recipe).out, encoding="utf-8")
    resolved = resolve(recipe_files.read(str(saved)))
    assert resolved.model_dump() == resolve(recipe_files.read(recipe)).model_dump()
    again = tencrop("recipes", "show", saved).out
    assert tomllib.loads(again) == tomllib.loads(saved.read_text(encoding="utf-8"))


@pytest.mark.parametrize("group", [(), ("cache",)])
def test_a_group_alone_prints_its_help(tencrop: Type, group: tuple[str, ...]) -> None:
    alone, asked = tencrop(*group), tencrop(*group, "--help")
    assert alone == asked
    assert alone.code == 0
    assert len(alone.out.splitlines()) > 5
    assert "error" not in alone.out.splitlines()[0]


def test_the_commands_are_listed_with_their_lines(tencrop: Type) -> None:
    said = page(tencrop("--help"))
    for name in names("pipeline.commands"):
        assert f" {name} {summary('pipeline.commands', name, function='command')} " in said
        assert tencrop(name, "--help").code == 0


@pytest.mark.parametrize("name", names("pipeline.commands"))
def test_each_command_has_an_example_of_itself(tencrop: Type, name: str) -> None:
    said = tencrop(name, "--help").out.partition("Examples:")[2]
    assert re.search(rf"^ +.*(python -m pipeline|tencrop) {name}\b", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("command", "told"),
    [(evaluate, evaluates), (features, extracts), (train, trains)],
    ids=["evaluate", "features", "train"],
)
def test_each_option_has_one_effect_that_is_told(
    tencrop: Type, command: click.Command, told: effects.Effects
) -> None:
    every = [option for options in told.values() for option in options]
    assert sorted(every) == sorted({str(param.name) for param in command.params})
    shown = page(tencrop(str(command.name), "--help"))
    assert f"{effects.TITLE}: " in shown
    for effect in told:
        assert f" {effect} " in shown


def test_what_makes_another_cache_is_what_enters_its_key() -> None:
    (numbers, *_) = extracts.values()
    assert set(numbers) & set(FeatureSettings.model_fields) == (
        set(FeatureSettings.model_fields) - FREE
    )
