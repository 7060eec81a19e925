"""What a shell is offered: names, and of several the last."""

import click
import pytest

from pipeline.commands.all import command
from pipeline.typed.completion import SUGGESTED, Suggested, completable


def offered(option: str, begun: str) -> list[tuple[str, str]]:
    completable(command)
    (parameter,) = (each for each in command.params if each.name == option)
    assert isinstance(parameter.type, Suggested)
    found = parameter.type.shell_complete(click.Context(command), parameter, begun)
    return [(item.value, item.type) for item in found]


def test_names_that_begin_so_are_offered() -> None:
    assert offered("backbone", "alexn") == [("alexnet", "plain")]
    assert offered("backbone", "no-such") == [("no-such", "file")]


@pytest.mark.parametrize(
    ("option", "begun", "found"),
    [
        ("backbone", "vgg19,alexn", "vgg19,alexnet"),
        ("backbone", "a,b,alexn", "a,b,alexnet"),
        ("weights", "a.pth,ran", "a.pth,random"),
        ("measures", "recall,average_p", "recall,average_precision"),
    ],
)
def test_of_several_the_last_is_completed(option: str, begun: str, found: str) -> None:
    assert offered(option, begun) == [(found, "plain")]


def test_all_of_a_list_are_offered_behind_a_comma() -> None:
    assert len(offered("weights", "random,")) == len(list(SUGGESTED["weights"]()))


def test_an_option_of_a_measure_is_completed_up_to_its_value() -> None:
    assert offered("set_measure", "recall.") == [("recall.k=", "plain")]
    assert ("precision.k=", "plain") in offered("set_measure", "p")


def test_a_recipe_is_one() -> None:
    assert offered("recipe", "vse++,vse") == [("vse++,vse", "file")]
