"""``run info`` and ``run verify``."""

import json
from pathlib import Path

import click

from core.errors import RunError
from pipeline.inventory import run_check
from pipeline.typed import options
from pipeline.typed.usage import Group

_PATH = click.argument("path", metavar="RUN", type=options.run)


EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline run info work/runs/NAME\n"
    "  python -m pipeline run verify work/runs/NAME"
)


@click.group("run", cls=Group, epilog=EPILOG)
def command() -> None:
    """Look into a run, or check every byte of it and of its reports."""


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
