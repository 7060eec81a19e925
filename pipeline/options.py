"""The options that several commands share, and the types that refuse odd values in one line."""

from pathlib import Path
from typing import Any

import click

from core.wording import one_line
from pipeline.by_make import option

WORK = "work"


class Place(click.Path):
    """A path, as ``pathlib.Path``; never an empty one, which would mean the current folder."""

    def __init__(self) -> None:
        """Of a file or a folder, there or not."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty value: in a script, a variable that is not set."""
        if not str(value):
            self.fail("it is empty; give a path (`.` is the current folder)", param, ctx)
        return super().convert(value, param, ctx)


class Folder(Place):
    """A place where things are kept; its name may stand on the last line of stdout."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse a file in its place, and a name with a line break."""
        folder = Path(super().convert(value, param, ctx))
        another = f"choose another {option('work', 'FOLDER')}"
        if one_line(str(folder)) != str(folder):
            self.fail(f"{str(folder)!r} breaks a line; {another}", param, ctx)
        there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        if there.exists() and not there.is_dir():
            self.fail(f"{there} is a file, and a folder is needed; {another}", param, ctx)
        return folder


place = Place()
data_argument = click.argument("path", metavar="DATA", type=place)
data_format = click.option(
    "--format",
    "data_format",
    default="auto",
    show_default=True,
    help="How DATA is laid out; `auto` recognises it.",
)
device = click.option(
    "--device",
    default="auto",
    show_default=True,
    help="Where to compute: auto, cpu, cuda, cuda:N or mps; the last digits follow from it.",
)
work = click.option(
    "--work",
    default=WORK,
    show_default=True,
    type=Folder(),
    help="Where caches (features/) and runs (runs/) are kept; it changes no number.",
)


def _percent(_context: click.Context, _option: click.Parameter, value: str) -> float:
    try:
        percent = float(value.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise click.BadParameter(f"{value!r} is not a percentage from 0 to 100")
    return percent


max_errors = click.option(
    "--max-errors",
    default="0.1",
    show_default=True,
    callback=_percent,
    help="Percentage of the inputs that may be skipped; above it the exit code is 2.",
)
