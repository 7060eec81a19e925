"""``scenes``: draw the generated corpus."""

from pathlib import Path

import click

from pipeline.said.progress import bar
from pipeline.scenes.write import write_scenes
from pipeline.typed.click_types import Folder

MANY = click.IntRange(0, 1_000_000)
EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline scenes my-scenes --train 200 --val 30 --test 30\n"
    "  python -m pipeline features my-scenes --backbone alexnet --weights random --crops 1"
)


@click.command("scenes", epilog=EPILOG)
@click.argument("folder", metavar="DIR", type=Folder(lambda: "another DIR"))
@click.option("--train", type=MANY, default=3000, show_default=True, help="Training pictures.")
@click.option("--val", type=MANY, default=300, show_default=True, help="Validation pictures.")
@click.option("--test", type=MANY, default=300, show_default=True, help="Test pictures.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other scenes.")
def command(folder: Path, train: int, val: int, test: int, seed: int) -> None:
    """Draw a corpus of simple scenes, five captions each, into DIR.

    The same seed draws the same bytes. The last line printed is DIR.
    """
    with bar("draw", train + val + test, "picture") as progress:
        write_scenes(folder, train=train, val=val, test=test, seed=seed, progress=progress)
    click.echo(folder)
