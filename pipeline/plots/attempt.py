"""A picture is for people: that one cannot be drawn costs no run."""

from collections.abc import Callable
from pathlib import Path

from pipeline.said.errors import told
from pipeline.said.progress import say


def attempt(file: Path, draw: Callable[[Path], object]) -> None:
    """Let ``draw`` write ``file``; whatever it raises is said in a line, and ends nothing."""
    try:
        draw(file)
    except ImportError as error:
        say(f"{file} was not drawn: {error.name} is not installed; type make setup")
    except Exception as error:
        say(f"{file} was not drawn ({told(error)}); all numbers are kept")
