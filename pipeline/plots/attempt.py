"""A picture is for people: that one cannot be drawn costs no run, and no report."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from pipeline.said.errors import told
from pipeline.said.progress import say

T = TypeVar("T")


def attempt(file: Path, draw: Callable[[Path], object]) -> None:
    """Let ``draw`` write ``file``; whatever it raises is said in a line, and ends nothing."""
    drawn(str(file), lambda: [draw(file)])


def drawn(what: str, draw: Callable[[], Iterable[T]]) -> list[T]:
    """All that ``draw`` gives; where it raises, a line says so, and there is nothing."""
    try:
        return list(draw())
    except ImportError as error:
        say(f"{what} was not drawn: {error.name} is not installed; type make setup")
    except Exception as error:
        say(f"{what} was not drawn ({told(error)}); all numbers are kept")
    return []
