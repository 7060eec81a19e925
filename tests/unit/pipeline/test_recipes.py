"""The recipes that are there, and those that are not."""

from pathlib import Path

import pytest

from core.errors import SettingError
from pipeline import recipe_files
from train.recipe import resolve


@pytest.mark.parametrize("name", recipe_files.names())
def test_every_recipe_is_valid_and_says_what_it_is(name: str) -> None:
    settings = resolve(recipe_files.read(name))
    assert settings.about


def test_our_recipe_is_the_published_one_with_two_phases_and_for_small_corpora() -> None:
    published, ours = (
        resolve(recipe_files.read(name)).model_dump(exclude={"about"})
        for name in ("vse++", "vse++w")
    )
    assert (published["phases"], published["phase"]) == ((), {})
    assert published["loss"]["hardest"]["same_image_negatives"]
    hardest = published["loss"]["hardest"] | {"same_image_negatives": False}
    published["loss"] = {"all": hardest | {"negatives": "all"}, "hardest": hardest}
    published |= {"epochs": 14, "phases": ("warm", "main")}
    published["phase"] = {
        "warm": {"epochs": 4, "loss": {"all": 1.0}, "rates": {}},
        "main": {"epochs": None, "loss": {"hardest": 1.0}, "rates": {}},
    }
    published["task"]["embed_dim"] = 512
    published["image"]["dropout"] = 0.2
    published["text"]["word_dropout"] = 0.1
    published["optimiser"]["lr"] = 1e-3
    published["schedule"]["every"] = 10
    assert ours == published


def test_a_recipe_of_the_users_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('about = "mine"\nepochs = 3\n')
    assert resolve(recipe_files.read(str(own))).epochs == 3
    own.write_text("epochs =")
    with pytest.raises(SettingError, match="not TOML"):
        recipe_files.read(str(own))


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"did you mean .*vse\+\+"):
        recipe_files.read("vsepp++")
