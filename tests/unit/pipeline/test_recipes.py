"""The recipes that are there, and those that are not."""

from pathlib import Path

import pytest

from core.errors import SettingError
from pipeline import recipes
from train.settings import resolve


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_is_valid_and_says_what_it_is(name: str) -> None:
    settings = resolve(recipes.read(name))
    assert settings.about


def test_our_recipe_is_the_published_one_with_its_two_switches_on_and_for_small_corpora() -> None:
    published = resolve(recipes.read("vse++")).model_dump(exclude={"about"})
    ours = resolve(recipes.read("vse++w")).model_dump(exclude={"about"})
    assert published["warmup_epochs"] == 0
    assert published["loss"]["same_image_negatives"]
    published["warmup_epochs"] = 4
    published["loss"]["same_image_negatives"] = False
    published["image"]["dropout"] = 0.2
    published["text"]["word_dropout"] = 0.1
    schedule = {"embed_dim": 512, "lr": 1e-3, "epochs": 14, "lr_decay_every": 10}
    assert ours == published | schedule


def test_a_recipe_of_the_users_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('about = "mine"\nepochs = 3\n')
    assert resolve(recipes.read(str(own))).epochs == 3
    own.write_text("epochs =")
    with pytest.raises(SettingError, match="not TOML"):
        recipes.read(str(own))


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"did you mean .*vse\+\+"):
        recipes.read("vsepp++")
