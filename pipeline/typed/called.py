"""What the program was called as, for the lines that say what to type."""

import os
import re
import shlex
import sys
from pathlib import Path

import click

CALLED = "TENCROP_CALLED"
"""The environment variable in which `bin/tencrop` says the name, or path, it was called by."""
COMPLETE = "_TENCROP_COMPLETE"
"""That by which a shell asks what would complete a line."""
USUAL = "python -m pipeline"
# `/venv/bin/python -m pipeline` is what it was called as, and not the usual name in a longer one.
_USUAL = re.compile(rf"(?<![\w/.-]){USUAL}\b")


def called() -> str:
    """Such as ``tencrop``, or the Python that was typed with ``-m pipeline``.

    What is told with it may be typed as it stands: ``python`` alone is often another Python, which
    has no torch.
    """
    if name := os.environ.get(CALLED):
        return shlex.quote(name)
    return _words_of_python(sys.orig_argv) or USUAL


def name() -> str:
    """What a shell may know the program by: the last part of what `bin/tencrop` was called as."""
    return Path(os.environ.get(CALLED) or "tencrop").name


def as_called(text: str) -> str:
    """``text`` with the program's name as it was called."""
    return _USUAL.sub(lambda _: called(), text)


def _words_of_python(words: list[str]) -> str:
    """The words up to ``-m pipeline``, where that is what Python was asked to run.

    Example:
        >>> _words_of_python([".venv/bin/python", "-m", "pipeline", "list"])
        '.venv/bin/python -m pipeline'
    """
    first = words.index("-m") if "-m" in words else len(words)
    return shlex.join(words[: first + 2]) if words[first + 1 : first + 2] == ["pipeline"] else ""


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
