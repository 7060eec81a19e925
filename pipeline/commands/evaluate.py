"""``evaluate``: stage three."""

from pathlib import Path

import click

from pipeline import options
from pipeline.progress import show
from pipeline.stages.evaluate import evaluate


@click.command("evaluate")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which split is ranked.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help="The corpus, where it is not where the run was trained on it.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=None,
    help="The feature cache, where it has moved.",
)
@options.max_errors
@options.device
def command(
    run: Path, split: str, data: Path | None, cache: Path | None, max_errors: float, device: str
) -> None:
    """Rank a split with a trained RUN, both ways, and print recall.

    Writes RUN/eval-SPLIT/report.json and embeddings.npz. The model is never chosen on this split.
    """
    show(evaluate(run, split=split, data=data, cache=cache, max_errors=max_errors, device=device))
