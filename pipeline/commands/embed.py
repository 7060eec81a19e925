"""``embed``: a run's vectors of pictures and sentences, for other programs."""

from pathlib import Path

import click

from core.errors import SettingError
from pipeline.said.progress import show
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline embed work/runs/NAME --data other-pictures\n"
    "  python -m pipeline embed work/runs/NAME --split test --out vectors\n"
    "  python -m pipeline embed work/runs/NAME --texts sentences.txt\n"
    '  echo "two dogs" | python -m pipeline embed work/runs/NAME --texts -'
)


@click.command("embed", epilog=EPILOG)
@click.argument("run", metavar="RUN", type=options.run)
@options.other
@options.data_format
@options.caches
@options.splits
@click.option(
    "--texts",
    metavar="FILE",
    type=options.place,
    default=None,
    help="The sentences of this file instead, one a line; `-` is stdin.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=options.place,
    default=None,
    help="The folder; by default its name, in WORK/embedded, follows from what is in it.",
)
@options.terms
def command(
    run: Path,
    data: Path | None,
    data_format: str,
    caches: tuple[Path, ...],
    splits: tuple[str, ...],
    texts: Path | None,
    out: Path | None,
    terms: Terms,
) -> None:
    """Write a RUN's vectors of a corpus, or of sentences, as .npy with ids beside.

    images.npy and captions.npy are float32 in C order, a row an item; images.json and captions.json
    have the ids of the rows (of sentences the numbers of their lines). All are unit vectors; where
    the run has a gallery's bias, images-bias.npy is what a picture has added to its score. The last
    line printed is their folder.
    """
    from pipeline.stages.embed import embed_corpus, embed_texts

    if texts:
        if data or caches or splits:
            raise SettingError(
                "--texts are sentences of no corpus: leave --data, --cache and --split out"
            )
        from pipeline.searched.lines import lines_of

        show(str(embed_texts(run, lines_of(texts), out, terms)))
        return
    from pipeline.searched.collect import collect

    at = CorpusAt(data, data_format) if data else None
    collection = collect(run, terms=terms, data=at, caches=caches)
    show(str(embed_corpus(run, collection, splits, out, terms)))
