"""``--guard`` is short for an assignment, wherever options go."""

import click
import pytest

from pipeline.commands.all import command as everything
from pipeline.commands.train import command as training
from pipeline.typed.words import options_of, words_of


@pytest.mark.parametrize("command", [training, everything])
def test_it_is_the_assignment_that_it_is_short_for(command: click.Command) -> None:
    context = click.Context(command)
    words = ["--set", "margin=0.1", "--guard", "--", "somewhere"]
    given, _ = options_of(command, context, words)
    assert given["assignments"] == ("margin=0.1", "guard=true")
    again, _ = options_of(command, context, words_of(command, given))
    assert again == given
    assert "--guard" not in words_of(command, given)


def test_without_it_nothing_is_set() -> None:
    given, _ = options_of(training, click.Context(training), ["somewhere"])
    assert "assignments" not in given
