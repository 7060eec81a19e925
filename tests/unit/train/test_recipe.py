"""Defaults, recipes, assignments; and messages that say what would have been accepted."""

import tomllib
from pathlib import Path

import pytest
from train.settings import accepted_keys, resolve

from core.errors import SettingError

RECIPES = Path(__file__).parents[3] / "pipeline" / "recipes"


def recipe(name):
    return tomllib.loads((RECIPES / f"{name}.toml").read_text(encoding="utf-8"))


def test_the_recipe_is_the_published_one():
    settings = resolve(recipe("vse++")).model_dump(exclude={"about"})
    assert settings == {
        "task": "paired",
        "layer": "pooled",
        "epochs": 30,
        "warmup_epochs": 0,
        "batch_size": 128,
        "embed_dim": 1024,
        "min_count": 4,
        "max_tokens": 256,
        "lr": 2e-4,
        "lr_decay_every": 15,
        "lr_decay": 0.1,
        "clip": 2.0,
        "restval": False,
        "image": {
            "encoder": "linear",
            "normalise": True,
            "standardise": False,
            "crop": "mean",
            "dropout": 0.0,
        },
        "text": {"encoder": "gru", "word_dim": 300, "word_dropout": 0.0},
        "loss": {
            "name": "hinge",
            "margin": 0.2,
            "negatives": "hardest",
            "same_image_negatives": True,
        },
        "sampler": {"name": "pairs"},
    }


def test_the_defaults_are_the_published_recipe():
    assert (
        resolve({}).model_dump() | {"about": ""}
        == resolve(recipe("vse++"), ["about="]).model_dump()
    )


@pytest.mark.parametrize("key", ["margin", "loss.margin"])
def test_a_key_may_be_shortened_to_its_last_part(key):
    assert resolve(recipe("vse++"), [f"{key}=0.1"]).loss.margin == 0.1


def test_the_last_assignment_wins_over_the_recipe_over_the_default():
    assert resolve({"epochs": 4}).epochs == 4
    assert resolve({"epochs": 4}, ["epochs=5", "epochs=6"]).epochs == 6


def test_resolved_settings_resolve_to_themselves():
    once = resolve(recipe("vse++w"), ["lr=0.001", "standardise=true"])
    assert resolve(once.model_dump(mode="json")).model_dump() == once.model_dump()


@pytest.mark.parametrize(
    ("recipe", "assignments", "message"),
    [
        ({}, ["margn=1"], r"unknown key 'margn': did you mean 'loss\.margin'.*accepted: .*epochs"),
        ({}, ["encoder=gru"], r"write image\.encoder or text\.encoder"),
        ({}, ["name=x"], r"write loss\.name or sampler\.name"),
        ({}, ["image=linear"], r"unknown key 'image'.*image\.encoder"),
        ({}, ["image.encoder=linea"], r"did you mean 'linear'"),
        ({}, ["loss.name=hing"], r"did you mean 'hinge'"),
        ({}, ["task=pared"], r"did you mean 'paired'"),
        ({}, ["margin"], r"key=value"),
        ({}, ["epochs=0"], r"epochs = 0"),
        ({}, ["lr=NaN"], r"lr = nan"),
        ({}, ["negatives=hard"], r"'hardest' or 'all'"),
        ({"epoch": 3}, [], r"unknown key 'epoch': did you mean 'epochs'"),
        ({"loss": {"margn": 1}}, [], r"unknown key 'loss\.margn': did you mean 'loss\.margin'"),
        ({"loss": "hinge"}, [], r"loss = 'hinge': write a section"),
        ({"loss": {"name": "hing"}}, [], r"accepted: hinge"),
    ],
)
def test_what_is_not_accepted_is_named(recipe, assignments, message):
    with pytest.raises(SettingError, match=message):
        resolve(recipe, assignments)


def test_accepted_keys_are_dotted_and_described():
    keys = accepted_keys()
    assert {"epochs", "loss.margin", "image.standardise", "text.encoder"} <= set(keys)
    assert "0.2" in keys["loss.margin"]
    for key in keys:
        assert key in {"about", "image.encoder"} or "default" in keys[key]
