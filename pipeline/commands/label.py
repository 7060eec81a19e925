"""``label``: labels for a corpus that has none."""

from pathlib import Path

import click

from core.named_classes import SHARE
from pipeline.said.closing import after_label
from pipeline.said.progress import say, show
from pipeline.stages.label import MASK, LabelTerms, label
from pipeline.stages.terms import CorpusAt
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline label flickr8k --out f8k20\n"
    "  python -m pipeline label flickr8k --mask --out f8k20-masked\n"
    "  python -m pipeline train CACHE --data f8k20 --recipe dscmr-words\n"
    "where CACHE holds the features of flickr8k: f8k20 has the same pictures."
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("label", epilog=EPILOG)
@options.data_argument
@options.data_format
@click.option(
    "--classes",
    type=click.IntRange(2, 10_000),
    default=20,
    show_default=True,
    help="How many: the nouns that most training pictures are named by.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    default=SHARE,
    show_default=True,
    help="A picture has the classes of which a word stands in so large a share of its captions.",
)
@click.option(
    "--nouns",
    metavar="FILE",
    type=FILE,
    default=None,
    help="The words that may be a class, a word a line; without, English nouns are told by the "
    "words around them.",
)
@click.option(
    "--mask",
    is_flag=True,
    help=f"Read '{MASK}' for each word of a class in every caption, so that no sentence names one.",
)
@click.option(
    "--out", type=options.place, required=True, help="The folder to write: empty, or not there."
)
@options.work
def command(
    path: Path,
    data_format: str,
    classes: int,
    share: float,
    nouns: Path | None,
    mask: bool,
    out: Path,
    work: Path,
) -> None:
    """Derive labels for DATA from the nouns of its captions, as a corpus of the same pictures.

    Classes are chosen by the training captions alone; each picture of every split is then labelled
    by its own captions, with several classes, one or none. Only OUT/derived_labels.json is written,
    which says where DATA is: ids, splits and pictures are those of DATA, and so are its cached
    features. The classes there may be changed by hand. The last line printed is the folder.
    """
    wanted = LabelTerms(classes=classes, share=share, nouns=nouns, mask=mask)
    for line in label(CorpusAt(path, data_format), wanted, out=out, work=work):
        show(line)
    show(str(out))
    say(after_label(out, work))
