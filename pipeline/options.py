"""The options that several commands share."""

from pathlib import Path

import click

data_argument = click.argument("path", metavar="DATA", type=click.Path(path_type=Path))
data_format = click.option(
    "--format",
    "data_format",
    default="auto",
    show_default=True,
    help="How DATA is laid out; `auto` recognises it.",
)
device = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N."
)
work = click.option(
    "--work",
    default="work",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where caches (features/) and runs (runs/) are kept.",
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
