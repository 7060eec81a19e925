"""``scenes``: draw the generated corpus."""

from pathlib import Path

import click

from pipeline import options
from pipeline.progress import bar
from pipeline.scenes.write import write_scenes


@click.command("scenes")
@click.argument("folder", metavar="DIR", type=options.place)
@click.option("--train", default=3000, show_default=True, help="Training pictures.")
@click.option("--val", default=300, show_default=True, help="Validation pictures.")
@click.option("--test", default=300, show_default=True, help="Test pictures.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other scenes.")
def command(folder: Path, train: int, val: int, test: int, seed: int) -> None:
    """Draw a corpus of simple scenes, five captions each, into DIR.

    The same seed draws the same bytes. The last line printed is DIR.
    """
    with bar("draw", train + val + test, "picture") as progress:
        write_scenes(folder, train=train, val=val, test=test, seed=seed, progress=progress)
    click.echo(folder)
