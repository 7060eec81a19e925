"""``serve``: a page that searches, on this machine."""

from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.launched import hurry
from pipeline.served.address import Address
from pipeline.stages.serve import Wanted, serve
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed import options

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline serve work/runs/NAME\n"
    "  python -m pipeline serve work/runs/NAME --split test --port 8001\n"
    "  python -m pipeline serve work/runs/NAME --data photos --data holiday\n"
    "  python -m pipeline serve work/runs/NAME --host 192.168.1.5 --name mybox.lan"
)


@click.command("serve", epilog=EPILOG)
@click.argument("run", metavar="RUN", type=options.run)
@click.option(
    "--data",
    type=options.pictures,
    multiple=True,
    help="A corpus that is searched, in the place of the run's own; as often as there are some. "
    + options.OF_PICTURES,
)
@options.data_format
@options.caches
@options.vectors
@click.option(
    "--split",
    "splits",
    type=options.split,
    multiple=True,
    help="Only pictures of this split are found and shown; all, unless given.",
)
@options.by_index
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen. Any other than 127.0.0.1 lets others see the pictures.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port; 0 is any that is free.",
)
@click.option(
    "--name",
    "names",
    metavar="NAME",
    multiple=True,
    help="Another name that this machine is asked by; requests for any that is not given are "
    "refused. As often as there are some.",
)
@options.terms
def command(
    run: Path,
    data: Sequence[Path],
    data_format: str,
    caches: Sequence[Path],
    out: Path | None,
    splits: tuple[str, ...],
    by_index: bool,
    host: str,
    port: int,
    names: tuple[str, ...],
    terms: Terms,
) -> int:
    """Serve a page that searches RUN, on this machine alone.

    The last line printed is its address. Type a sentence, or drop a picture; each picture that is
    found shows its captions and its neighbours. /openapi.json describes what programs may ask.
    """
    corpora = [CorpusAt(path, data_format) for path in data]
    wanted = Wanted(corpora=corpora, caches=caches, out=out, splits=splits, by_index=by_index)
    code = serve(run, terms=terms, at=Address(host=host, port=port, names=names), wanted=wanted)
    hurry()  # nothing is to be written, and nobody waits for what a thread may still find
    return code
