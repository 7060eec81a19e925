"""What a recipe comes to, without its parts, against the recipe itself."""

import json

import pytest

from pipeline import recipe_files
from tests.plugin_folder import PARTS, added
from train.outline import Outline
from train.phases import cut_phases
from train.recipe import resolve

RECIPES = [(name, ()) for name in recipe_files.names()]
CHANGED = [
    ("vse++w", ("margin=0.1", "epochs=1", "about=mine", "text=bag")),
    ("vse++", ("restval=true", "batch_size=7", "lr=1e-5")),
]


@pytest.mark.parametrize(("name", "assignments"), [*RECIPES, *CHANGED])
def test_it_is_the_recipe_in_json(name: str, assignments: tuple[str, ...]) -> None:
    recipe = resolve(recipe_files.read(name), assignments)
    outline = Outline.of(recipe)
    assert Outline.from_json(json.loads(json.dumps(outline.to_json()))) == outline
    again = outline.recipe()
    assert again.model_dump() == recipe.model_dump()
    assert Outline.of(again) == outline
    assert (outline.about, outline.notes) == (recipe.about, cut_phases(recipe))
    assert (outline.epochs, outline.batch_size) == (recipe.epochs, recipe.batch_size)
    assert (outline.restval, outline.losses) == (recipe.restval, sorted(recipe.members("loss")))
    assert outline.sources == recipe.part("task").sources(recipe.task)


def test_parts_of_others_have_one_too() -> None:
    with added(PARTS):
        outline = Outline.of(resolve({"task": {"name": "two_vectors"}}))
        assert outline.sources == {"image": "pooled", "text": "pooled"}
        assert outline.recipe().parts() == outline.parts
