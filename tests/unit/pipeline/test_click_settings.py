"""Options made from a Settings class: types, ranges, what was typed, and what cannot be one."""

from pathlib import Path
from typing import Annotated, Any, Literal

import click
import pytest
from click.testing import CliRunner
from pydantic import AfterValidator, Field

from core.errors import SettingError
from core.settings import Settings
from core.several import Several
from pipeline.typed.click_settings import settings_options


class Toy(Settings):
    kind: Literal["round", "flat"] = Field(default="flat", description="Which kind.")
    sides: Literal[3, 4] = Field(default=4, description="How many.")
    name: str = Field(default="box", description="Its name.")
    how_many: int | None = Field(default=None, ge=1, le=9, description="By default all.")
    rate: float = Field(default=0.5, gt=0, lt=1, description="How fast.")
    where: Annotated[str, AfterValidator(Several(("left", "right", "top")))] = "top"
    loud: bool = Field(default=False, description="Whether it says so.")


seen: list[tuple[Path, Toy]] = []


@click.command("toy")
@click.argument("path", type=click.Path(path_type=Path))
@settings_options(Toy, "toy")
def command(path: Path, toy: Toy) -> None:
    """Remember what was given."""
    seen.append((path, toy))


def typed(*words: str) -> Toy:
    seen.clear()
    ended = CliRunner().invoke(command, ["here", *words], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    ((path, toy),) = seen
    assert path == Path("here")
    return toy


def test_nothing_typed_is_the_defaults_and_nothing_set() -> None:
    assert typed() == Toy()
    assert typed().model_fields_set == set()


def test_every_kind_of_field() -> None:
    words = "--kind round --sides 3 --name a-b --how-many 9 --rate 0.25 --where top,left --loud"
    toy = typed(*words.split())
    several = {"where": "left,top", "loud": True}
    assert toy == Toy(kind="round", sides=3, name="a-b", how_many=9, rate=0.25, **several)
    assert toy.model_fields_set == set(Toy.model_fields)


def test_a_default_that_is_typed_counts_as_given() -> None:
    assert typed("--sides", "4", "--no-loud").model_fields_set == {"sides", "loud"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--kind flt", "'flt' is not one of 'round', 'flat'"),
        ("--sides 5", "'5' is not one of '3', '4'"),
        ("--how-many 0", "0 is not in the range 1<=x<=9"),
        ("--how-many 10", "10 is not in the range 1<=x<=9"),
        ("--rate 1", "1.0 is not in the range 0<x<1"),
        ("--how_many 3", "--how-many"),
        ("--where left,tpo", "'tpo' is none of them: did you mean 'top'? accepted: left, right"),
        ("--where left,", "'' is none of them"),
    ],
)
def test_wrong_values_name_the_accepted_ones(words: str, message: str) -> None:
    ended = CliRunner().invoke(command, ["here", *words.split()])
    assert ended.exit_code == 2
    assert message in " ".join(ended.output.split())


def test_help_is_the_fields_in_their_order_with_their_defaults() -> None:
    page = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    options = ["--kind [round|flat]", "--sides [3|4]", "--name TEXT", "--how-many", "--rate"]
    places = [page.index(option) for option in [*options, "--loud / --no-loud"]]
    assert places == sorted(places)
    assert "--where [left|right|top][,...]" in page
    for told in ("Which kind. [default: flat]", "By default all. [1<=x<=9]", "[default: box]"):
        assert told in page


def test_values_that_do_not_go_together_are_an_error_of_ours() -> None:
    class Word(Settings):
        word: str = Field(default="a", max_length=2)

    @click.command("word")
    @settings_options(Word)
    def command(settings: Word) -> None:
        raise AssertionError(settings)

    with pytest.raises(SettingError, match="options: word = 'long': string should have at most 2"):
        CliRunner().invoke(command, ["--word", "long"], catch_exceptions=False)


@pytest.mark.parametrize("kind", [list[int], int | str, Toy])
def test_a_field_that_is_no_option(kind: Any) -> None:
    schema = type("Odd", (Settings,), {"__annotations__": {"odd": kind}, "odd": None})
    with pytest.raises(TypeError, match="odd: no option of the command line"):
        settings_options(schema)(lambda: None)


@pytest.mark.parametrize(
    ("begun", "found"),
    [
        ("", ["left", "right", "top"]),
        ("l", ["left"]),
        ("top,", ["top,left", "top,right"]),
        ("top,r", ["top,right"]),
        ("x", []),
    ],
)
def test_a_shell_completes_the_last_of_several_words(begun: str, found: list[str]) -> None:
    (option,) = (each for each in command.params if each.name == "where")
    context = click.Context(command)
    assert [item.value for item in option.shell_complete(context, begun)] == found
