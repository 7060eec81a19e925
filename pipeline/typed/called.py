"""What the program was called as, for the lines that say what to type."""

import os

import click

CALLED = "TENCROP_CALLED"
"""The environment variable in which `bin/tencrop` says the name that it was called by."""
COMPLETE = "_TENCROP_COMPLETE"
"""That by which a shell asks what would complete a line."""
USUAL = "python -m pipeline"


def called() -> str:
    """Such as ``tencrop``; by default ``python -m pipeline``."""
    return os.environ.get(CALLED) or USUAL


def as_called(text: str) -> str:
    """``text`` with the program's name as it was called."""
    return text.replace(USUAL, called())


class Formatter(click.HelpFormatter):
    """Writes the examples of a help page as they may be typed."""

    def getvalue(self) -> str:
        """The page."""
        return as_called(super().getvalue())


class Context(click.Context):
    """That of every command: its help is written by ``Formatter``."""

    formatter_class = Formatter


def dressed(command: click.Command) -> click.Command:
    """The command, and those below it, with our own context."""
    command.context_class = Context
    for each in getattr(command, "commands", {}).values():
        dressed(each)
    return command
