"""The options that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from core.work_folder import WORK
from pipeline.stages.terms import Terms
from pipeline.typed.by_make import option
from pipeline.typed.click_types import Folder, Made, Pictures, Place, Split

place = Place()
cache = Made("a feature cache", "features DATA", "features DATA=photos")
run = Made("a run", "train CACHE --data DATA", "train")
pictures = Pictures()
split = Split()

data_argument = click.argument("path", metavar="DATA", type=pictures)
OF_PICTURES = "Pictures that are in no cache are extracted first, as the run's own were."
other = click.option(
    "--data",
    type=pictures,
    default=None,
    help=f"Another corpus than the run's, or the run's where it is now. {OF_PICTURES}",
)
caches = click.option(
    "--cache",
    "caches",
    type=cache,
    multiple=True,
    help="The feature cache of the pictures, where it has moved; as often as a RUN reads caches.",
)
splits = click.option(
    "--split",
    "splits",
    type=split,
    multiple=True,
    help="Only pictures of this split, and their captions; all, unless given.",
)
vectors = click.option(
    "--out",
    metavar="DIR",
    type=place,
    default=None,
    help="Keep the vectors here, and not in RUN/vectors.",
)
find = click.option(
    "--find",
    type=click.Choice(["pictures", "captions"]),
    default="pictures",
    show_default=True,
    help="What is looked for.",
)
by_index = click.option(
    "--index",
    "by_index",
    is_flag=True,
    help="Compare only what the index of these vectors finds (`index RUN` builds it), and say how "
    "much that is.",
)
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


def terms(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--max-errors``, ``--device`` and ``--work``, as one object ``terms``."""

    @wraps(command)
    def gathered(*, work: Path, device: str, max_errors: float, **given: Any) -> Any:
        return command(**given, terms=Terms(work=work, device=device, max_errors=max_errors))

    return max_errors(device(work(gathered)))
