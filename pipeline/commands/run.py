"""``run info``, ``run verify`` and ``run curves``."""

import json
from pathlib import Path

import click

from core.errors import RunError
from core.wording import one_line
from pipeline.inventory import run_check
from pipeline.plots.curves import CURVES, draw_curves
from pipeline.said.progress import show
from pipeline.typed import options
from pipeline.typed.usage import Group
from train.identity import read_run

_PATH = click.argument("path", metavar="RUN", type=options.run)


EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline run info work/runs/NAME\n"
    "  python -m pipeline run verify work/runs/NAME\n"
    "  python -m pipeline run curves work/runs/NAME"
)


@click.group("run", cls=Group, epilog=EPILOG)
def command() -> None:
    """Look into a run, check every byte of it and of its reports, or draw its curves."""


@command.command()
@_PATH
@options.work
def info(path: Path, **_: object) -> None:
    """Print what a run was made from and how far it is, as JSON."""
    click.echo(json.dumps(run_check.info(path), indent=1, sort_keys=True, ensure_ascii=False))


@command.command()
@_PATH
@options.work
def verify(path: Path, **_: object) -> None:
    """Compare every file with its digest; exit code 1 if one differs.

    Also said: what carries no digest, and a report of a model that is no longer the run's.
    """
    problems = run_check.problems(path)
    for told in (*problems, *run_check.notes(path)):
        click.echo(told, err=True)
    if problems:
        raise RunError(
            f"{path}: {len(problems)} of its files are not as written; what mends each is said"
        )
    click.echo(f"{path}: every file is as it was written")


@command.command()
@_PATH
@click.option(
    "--out",
    metavar="FILE.png",
    type=options.place,
    default=None,
    help="Where to draw, in the place of RUN/curves.png.",
)
@options.work
def curves(path: Path, out: Path | None, **_: object) -> None:
    """Draw loss, rate, recalls and similarities by epoch, also of a run that is not finished.

    The last line printed is the picture.
    """
    record = read_run(path)[1]
    if not record.history:
        raise RunError(f"{path} holds no finished epoch; go on with the same `train` command")
    file = out or path / CURVES
    draw_curves(file, path.name, record)
    show(one_line(str(file)))
