"""``list``: the caches and runs that there are."""

import json
from pathlib import Path

import click

from pipeline.inventory.holdings import Holdings
from pipeline.inventory.table import lines
from pipeline.said.progress import show
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline list\n"
    "  python -m pipeline list --json\n"
    "  python -m pipeline remove NAME"
)


@click.command("list", epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@options.work
def command(as_json: bool, work: Path) -> None:
    """List the caches and runs in WORK: of what, how far, how good, and how large.

    `finished`, `begun` (the same command goes on with it), or `damaged`; what is damaged is said
    below. Lengths are compared, and nothing is hashed: `cache verify` and `run verify` compare
    every byte.
    """
    holdings = Holdings.of(work)
    if as_json:
        show(json.dumps(holdings.to_json(), indent=1, ensure_ascii=False))
        return
    for line in lines(holdings):
        show(line)
