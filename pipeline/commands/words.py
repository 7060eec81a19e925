"""``words``: word vectors from captions."""

from pathlib import Path

import click

from pipeline.said.progress import show
from pipeline.stages.terms import CorpusAt
from pipeline.stages.words import WordTerms, words
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline words flickr8k --without flickr8k\n"
    "  python -m pipeline words flickr8k flickr30k captions_val2017.json --without flickr8k\n"
    "  python -m pipeline train CACHE --data flickr8k --set text=vectors --set files=FILE"
)


@click.command("words", epilog=EPILOG)
@click.argument("corpora", metavar="CORPUS...", nargs=-1, required=True, type=options.pictures)
@click.option(
    "--without",
    metavar="DATA",
    required=True,
    type=options.pictures,
    help="The corpus to be trained and tested on: what stands in its validation and test split is "
    "left out.",
)
@options.data_format
@click.option(
    "--width",
    type=click.IntRange(1, 65_536),
    default=200,
    show_default=True,
    help="Numbers a word.",
)
@click.option(
    "--min-count",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Rarer words have no vector.",
)
@click.option(
    "--out",
    type=options.place,
    default=None,
    help="The file; by default its name, in WORK/words, follows from everything that makes it.",
)
@options.work
def command(
    corpora: tuple[Path, ...],
    without: Path,
    data_format: str,
    width: int,
    min_count: int,
    out: Path | None,
    work: Path,
) -> None:
    """Make word vectors from the captions of each CORPUS, whose pictures need not be there.

    Words are alike that stand in captions of the same pictures: positive pointwise mutual
    information, of which the largest singular vectors are kept. Every picture and every caption
    that stands in the validation or test split of DATA is left out, by the picture's name and by
    the caption's words, and it is said how many. The last line printed is the file, in word2vec's
    text form; what it was made of stands beside it, in FILE.json.
    """
    wanted = WordTerms(width=width, min_count=min_count, out=out)
    show(str(words(corpora, CorpusAt(without, data_format), wanted, work=work)))
