"""The options that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pipeline.stages.terms import Terms
from pipeline.typed.by_make import option
from pipeline.typed.click_types import WORK, Folder, Made, Pictures, Place, Split

place = Place()
cache = Made("a feature cache", "features DATA", "features DATA=photos")
run = Made("a run", "train CACHE --data DATA", "train")
pictures = Pictures()
split = Split()

data_argument = click.argument("path", metavar="DATA", type=pictures)
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
    is_eager=True,  # before the names that are looked up in it
    type=Folder(lambda: f"another {option('work', 'FOLDER')}"),
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
    metavar="PERCENT",
    default="0.1",
    show_default=True,
    callback=_percent,
    help="How many percent of the inputs may be skipped; above it the exit code is 2.",
)


def set_measure(*flags: str) -> Callable[[Callable[..., None]], Callable[..., Any]]:
    """The option that sets those of measures, under the names that a command has for it."""
    return click.option(
        *flags,
        "set_measure",
        metavar="MEASURE.OPTION=VALUE",
        multiple=True,
        help="An option of a measure, such as recall.k=1,5,50; as often as there are some. "
        "`evaluate --help` lists them.",
    )


def terms(command: Callable[..., None]) -> Callable[..., Any]:
    """Give a command ``--max-errors``, ``--device`` and ``--work``, as one object ``terms``."""

    @wraps(command)
    def gathered(*, work: Path, device: str, max_errors: float, **given: Any) -> None:
        command(**given, terms=Terms(work=work, device=device, max_errors=max_errors))

    return max_errors(device(work(gathered)))
