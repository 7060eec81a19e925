"""The caches that a recipe wants: what its file may say of them, and where that is told."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.errors import SettingError
from pipeline import recipe_files
from pipeline.memory.known import Known
from pipeline.memory.outlines import outline_of
from pipeline.parts import caches
from pipeline.recipe_toml import to_toml
from train.outline import Outline
from train.recipe import resolve

WANTS = """
about = "two networks"
[features.whole]
backbone = "squeezenet1_1"
crops = 2
transform = "224:224"
[features.large]
transform = "288:288"
weights = "more/w.safetensors"
"""
TABLES = {
    "whole": {"backbone": "squeezenet1_1", "crops": 2, "transform": "224:224"},
    "large": {"transform": "288:288", "weights": "more/w.safetensors"},
}


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(WANTS)
    return Path("mine.toml")


def test_they_are_in_the_outline_and_in_nothing_that_names_a_run(mine: Path) -> None:
    outline = outline_of(str(mine), (), Known(Path("work")))
    assert outline.features == TABLES == recipe_files.features(str(mine))
    usual = Outline.of(resolve({}))
    for name in ("settings", "own", "parts", "sources", "code"):
        assert getattr(outline, name) == getattr(usual, name)
    assert usual.features == {} == recipe_files.features("vse++")
    assert outline.recipe().features == TABLES
    assert Outline.from_json(json.loads(json.dumps(outline.to_json()))) == outline


@pytest.mark.parametrize("name", recipe_files.names())
def test_a_run_has_the_settings_of_before(name: str) -> None:
    outline = Outline.of(resolve(recipe_files.read(name)))
    assert not {"about", "features"} & {*outline.settings, *outline.own}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("features = 3", r"mine.toml: features = 3: write a section \[features.NAME\]"),
        ("features.a = 3", r"features.a = 3: write a section \[features.NAME\]"),
        ('features.a.backbon = "vgg19"', "features.a: unknown key 'backbon': did you mean 'backb"),
        ("features.a.batch_size = 3", "features.a: unknown key 'batch_size': .*accepted: backbone"),
        ("features.a.crops = 3", "features.a: crops = 3: .*; choose another value"),
        ('features.a.crops = "2"', "features.a: crops = '2': "),
        ("features.a.crops = true", "features.a: crops = True: true and false are no value"),
        ('features.a.keep = "most"', "features.a: keep = 'most': "),
        ("features.a.backbone = 19", "features.a: backbone = 19: "),
        ('features."a.b".crops = 2', "features.a.b: choose a name of letters, digits, - and _"),
    ],
)
def test_what_stage_one_does_not_take_is_refused(mine: Path, text: str, told: str) -> None:
    mine.write_text(text)
    with pytest.raises(SettingError, match=told):
        recipe_files.read(str(mine))


def test_a_path_of_weights_is_relative_to_the_file(mine: Path, tmp_path: Path) -> None:
    there = str(tmp_path / "more/w.safetensors")
    assert recipe_files.features(str(tmp_path / mine))["large"]["weights"] == there
    mine.write_text(f'[features.a]\nweights = "{there}"\n[features.b]\nweights = "DEFAULT"')
    told = recipe_files.features(str(mine))
    assert [table["weights"] for table in told.values()] == [there, "DEFAULT"]


@pytest.mark.parametrize("key", ["features", "features.whole.crops"])
def test_they_are_not_set_for_a_training(mine: Path, key: str) -> None:
    with pytest.raises(SettingError, match=rf"--set {key}: .*options of stage one; give them"):
        resolve(recipe_files.read(str(mine)), [f"{key}=2"])


def test_a_short_key_of_a_setting_is_not_one_of_theirs(mine: Path) -> None:
    mine.write_text('[features.a]\nlayer = "grid"\n')
    recipe = resolve(recipe_files.read(str(mine)), ["layer=pooled"])
    assert (recipe.task.layer, recipe.features["a"]["layer"]) == ("pooled", "grid")
    with pytest.raises(SettingError) as refused:
        resolve({}, ["featurs=1"])
    assert "accepted: about" in str(refused.value)
    assert "features" not in str(refused.value)


def test_shown_whole_they_are_sections_with_every_option(mine: Path) -> None:
    recipe = resolve(recipe_files.read(str(mine)))
    whole: dict[str, Any] = tomllib.loads(to_toml(recipe))
    assert whole["features"] == TABLES
    assert resolve(whole).model_dump() == recipe.model_dump()
    lines = to_toml(recipe).splitlines()
    head = lines.index(next(line for line in lines if line.startswith("[features.whole]")))
    assert lines[head + 1].startswith('backbone = "squeezenet1_1" ')
    assert any(line.startswith("# keep is left out ") for line in lines[head:])
    keys = [row.key for section in caches(recipe) for row in section.rows]
    assert {"features.whole.dtype", "features.large.layer"} <= set(keys)
    assert not any("batch_size" in key or "shard_size" in key for key in keys)
