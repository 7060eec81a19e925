"""``remove``: a cache or a run that is not needed any more."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from core.errors import InputError
from core.removal import remove_folder
from core.wording import one_line
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.losses import losses
from pipeline.inventory.table import sized
from pipeline.inventory.target import target
from pipeline.said.progress import say, show
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline remove flickr8k-resnet152-10crop-mean-5c1d22e0\n"
    "  python -m pipeline remove --yes work/runs/NAME"
)


@click.command("remove", epilog=EPILOG)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.work
def command(names: Sequence[str], yes: bool, work: Path) -> None:
    """Remove caches and runs: what would be lost is said, and asked about.

    NAME is that of a cache or run in WORK, a beginning that only one has, or a path. What another
    process is writing, links, and folders that hold something else are left as they are.
    """
    holdings = Holdings.of(work)
    rows = list({row.path: row for row in (target(name, holdings) for name in names)}.values())
    for row in rows:
        for line in losses(row, holdings):
            say(one_line(line))
    if not (yes or _agreed(len(rows))):
        say("nothing was removed")
        click.get_current_context().exit(1)
    for row in rows:
        remove_folder(row.path)
        show(one_line(f"removed: {row.path}, {sized(row.bytes)}"))


def _agreed(many: int) -> bool:
    """Ask on stderr, and take an answer from stdin.

    Raises:
        InputError: nobody answers.
    """
    click.echo(f"remove {'it' if many == 1 else f'these {many}'}? [y/N] ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer:
        click.echo(err=True)
        raise InputError("nothing was removed: nobody answered; answer y, or give --yes")
    return answer.strip().lower() in ("y", "yes")
