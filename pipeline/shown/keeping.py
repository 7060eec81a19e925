"""A page beside what it shows: drawn where it is not there as it would be drawn."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.asked.answers import is_writable
from pipeline.plots.attempt import attempt
from pipeline.said.progress import say
from pipeline.shown.markup import Html
from pipeline.shown.sealed import seal, shows, write_page

Draw = Callable[[Sequence[Html]], str]
"""More of a page's head -> the page."""


def keep(file: Path, digest: str, draw: Draw) -> None:
    """Write a page, and say where it is; a failure is a line, and costs nothing else.

    Whether it is there already is told without what computes or draws.

    Args:
        file: the page.
        digest: SHA-256 of what it shows.
        draw: called where the page is not there.
    """
    if not shows(file, digest):
        if not is_writable(file.parent):
            say(f"{file} was not drawn: no writing there; name another folder with --out DIR")
            return
        attempt(file, lambda file: write_page(file, draw(seal(digest))))
    if file.exists():
        say(f"to look at: {file}")
