"""``map``: a picture of the classes."""

from pathlib import Path

import click

from core.wording import one_line
from pipeline.mapped.placing import NAMES
from pipeline.said.progress import show
from pipeline.stages.map import MapTerms, draw_map
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline map work/runs/NAME\n"
    "  python -m pipeline map work/runs/NAME --split val --by pca\n"
    "  python -m pipeline map work/runs/NAME --data other-pictures --out map.png"
)


@click.command("map", epilog=EPILOG)
@click.argument("run", metavar="RUN", type=options.run)
@click.option(
    "--split",
    type=options.split,
    default="test",
    show_default=True,
    help="Of which split the pictures and captions are.",
)
@options.other
@options.data_format
@options.caches
@click.option(
    "--by",
    type=click.Choice(["auto", *NAMES]),
    default="auto",
    show_default=True,
    help="t-SNE, or principal components; auto is t-SNE where scikit-learn is installed and there "
    "are a hundred of each side.",
)
@click.option(
    "--most",
    metavar="ITEMS",
    type=click.IntRange(min=2),
    default=500,
    show_default=True,
    help="How many pictures, and as many captions, are drawn at most: by lot, the same ones each "
    "time.",
)
@click.option(
    "--out",
    metavar="FILE.png",
    type=options.place,
    default=None,
    help="Where to draw, in the place of RUN/map-SPLIT.png.",
)
@options.terms
def command(
    run: Path,
    split: str,
    data: Path | None,
    data_format: str,
    caches: tuple[Path, ...],
    by: str,
    most: int,
    out: Path | None,
    terms: Terms,
) -> None:
    """Draw the classes of RUN in five panels: as it reads them, and as it learned them.

    (a) the features of pictures, (b) the vectors of captions or their bags of words, (c) pictures,
    (d) captions and (e) both in the joint space; a colour a class, circles are pictures, triangles
    captions. The corpus must have labels. The last line printed is the picture.
    """
    wanted = MapTerms(split=split, by=by, most=most, out=out)
    corpus = CorpusAt(data, data_format) if data else None
    file = draw_map(run, wanted, terms=terms, data=corpus, caches=caches)
    show(one_line(str(file)))
