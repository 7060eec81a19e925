"""Recipes with a part that has parts of its own: the sum of two text encoders."""

import pytest

from core.errors import SettingError
from pipeline.parts import others, sections
from pipeline.recipe_toml import to_toml
from train.outline import Outline
from train.recipe import resolve

SUM = {"text": {"name": "sum", "second": {"name": "gru", "directions": 2}}}


def test_its_sections_are_those_of_the_parts_that_they_name():
    recipe = resolve({"text": {"name": "sum"}})
    assert recipe.parts() | {"text.first": "bag", "text.second": "vectors"} == recipe.parts()
    assert resolve(SUM).section("text.second").directions == 2
    assert resolve(SUM).part("text.second").__name__.endswith(".gru")


@pytest.mark.parametrize(
    "assignments",
    [
        ["text=sum", "text.second=gru", "directions=2", "idf=true"],
        ["idf=true", "text.second.directions=2", "text.second=gru", "text=sum"],
        ["text.name=sum", "text.second.name=gru", "text.directions=2", "text.first.idf=true"],
    ],
)
def test_its_keys_are_dotted_like_others(assignments):
    recipe = resolve({}, assignments)
    expected = resolve({"text": SUM["text"] | {"first": {"name": "bag", "idf": True}}})
    assert recipe.model_dump() == expected.model_dump()


def test_a_key_of_both_is_asked_for():
    with pytest.raises(SettingError, match=r"write text\.first\.word_dropout or text\.second\."):
        resolve({"text": {"name": "sum"}}, ["word_dropout=0.2"])
    recipe = resolve({"text": {"name": "sum"}}, ["first.word_dropout=0.2"])
    assert (recipe.text.first.word_dropout, recipe.text.second.word_dropout) == (0.2, 0.0)


def test_another_part_begins_with_its_own_defaults():
    recipe = resolve(SUM, ["text.second=vectors"])
    assert recipe.section("text.second").name == "vectors"
    assert resolve(SUM, ["text=bag"]).section("text.second") is None


def test_a_sum_may_be_of_a_sum():
    three = resolve(SUM, ["text.first=sum", "text.first.first=lstm"])
    assert [three.parts()[f"text.{path}"] for path in ("first.first", "first.second")] == [
        "lstm",
        "vectors",
    ]


def test_what_is_no_part_or_no_key_is_refused():
    with pytest.raises(SettingError, match="unknown name 'gruu' in text: did you mean 'gru'"):
        resolve({"text": {"name": "sum", "second": {"name": "gruu"}}})
    with pytest.raises(SettingError, match="unknown name 'gruu' in text: did you mean 'gru'"):
        resolve({"text": {"name": "gruu"}})
    with pytest.raises(SettingError, match=r"unknown key 'text\.second\.idf'"):
        resolve({"text": {"name": "sum", "second": {"idf": True}}})
    with pytest.raises(SettingError, match="write a section"):
        resolve({"text": {"name": "sum", "second": "gru"}})


def test_the_code_of_both_counts():
    code = Outline.of(resolve(SUM)).code
    assert {f"train.encoders.text.{name}" for name in ("sum", "bag", "gru")} <= code.keys()
    assert "train.encoders.text.vectors" not in code


def test_it_is_shown_with_all_its_options():
    shown = {section.path: section for section in sections(resolve(SUM))}
    assert list(shown)[list(shown).index("text") :][:3] == ["text", "text.first", "text.second"]
    first, second = (shown[f"text.{path}"].rows[0] for path in ("first", "second"))
    assert (first.value, first.default) == ("bag", "bag")
    assert (second.value, second.default) == ("gru", "vectors")
    assert "gru" in second.accepted
    assert "[text.second]" in to_toml(resolve(SUM))
    assert "text = sum" in {section.path for section in others(resolve({}))}
    assert "text = bag" not in {section.path for section in others(resolve(SUM))}
