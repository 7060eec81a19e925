"""``export``: a run's vectors for other programs."""

from pathlib import Path

import click

from pipeline.exported.about import described
from pipeline.exported.formats import FORMATS, require
from pipeline.said.progress import say, show
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline export work/runs/NAME\n"
    "  python -m pipeline export work/runs/NAME --data other-pictures --split test\n"
    "  python -m pipeline export work/runs/NAME --as npy --out vectors"
)


@click.command("export", epilog=EPILOG)
@click.argument("run", metavar="RUN", type=options.run)
@click.option(
    "--as",
    "name",
    type=click.Choice(list(FORMATS)),
    default="parquet",
    show_default=True,
    help="parquet: a table of pictures and one of captions, with the vectors in a column; npy: the "
    "vectors alone, and a line of JSON for each row beside them.",
)
@options.splits
@options.other
@options.data_format
@options.caches
@click.option(
    "--out",
    metavar="DIR",
    type=options.place,
    default=None,
    help="A folder that is not there yet; by default its name, in WORK/exports, follows from what "
    "is in it.",
)
@options.terms
def command(
    run: Path,
    name: str,
    splits: tuple[str, ...],
    data: Path | None,
    data_format: str,
    caches: tuple[Path, ...],
    out: Path | None,
    terms: Terms,
) -> None:
    """Write a run's vectors of pictures and captions for vector databases and other programs.

    Each row has its id, its split, where the picture lies, the captions, and the vector. The
    tables, and export.json beside them, say which model made them and how they are asked
    (docs/scale.md has Qdrant, pgvector and LanceDB). The folder has its name when all of it is
    there; its path is the last line printed.
    """
    require(name)
    from pipeline.searched.collect import collect
    from pipeline.stages.export import export

    at = CorpusAt(data, data_format) if data else None
    collection = collect(run, terms=terms, data=at, caches=caches)
    folder, facts = export(run, collection, splits, name, out, terms=terms)
    say(f"{described(facts)}; {facts['how']}")
    show(str(folder))
