"""``forget``: what was given is no longer gone on with."""

from pathlib import Path

import click

from core.wording import one_line
from pipeline.memory import remembered
from pipeline.said.progress import say
from pipeline.typed import options
from pipeline.typed.by_make import retyped

EPILOG = "\b\nExamples:\n  python -m pipeline forget"


@click.command("forget", epilog=EPILOG)
@options.work
def command(work: Path) -> None:
    """Forget what was given to make caches and runs; they themselves stay as they are.

    The next `all`, or target of make, that names nothing draws the generated scenes.
    """
    try:
        memory = remembered.read(work)
        told = retyped(memory.options()) if memory else ""
    except remembered.Damaged as error:
        told = f"({error})"
    there = remembered.forget(work)
    what = f"forgotten: {one_line(told) or 'the run that was made last'}"
    say(what if there else "nothing is remembered")
