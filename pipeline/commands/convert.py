"""``convert``: a foreign checkpoint to a run."""

import shlex
from pathlib import Path

import click

from core.errors import InputError
from pipeline.memory.once import Once
from pipeline.said.progress import say, show
from pipeline.stages.convert import convert
from pipeline.stages.terms import CorpusAt
from pipeline.typed import options
from pipeline.typed.by_make import as_typed

EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline convert --trust-pickle model_best.pth.tar --vocab f8k_vocab.pkl \\\n"
    "      --cache work/features/NAME --data f8k_precomp --out work/runs/vsepp"
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("convert", epilog=EPILOG)
@click.argument("file", metavar="CHECKPOINT", type=FILE)
@click.option(
    "--trust-pickle",
    is_flag=True,
    help="CHECKPOINT and its vocabulary are pickles, and come from somebody whom you trust.",
)
@click.option(
    "--vocab", type=FILE, default=None, help="Its vocabulary: vocab.pkl, or SCAN's .json."
)
@click.option(
    "--cache",
    type=options.cache,
    default=None,
    help="Features such as it was trained on, which nothing in it tells; without, it is no run.",
)
@click.option(
    "--data",
    type=options.pictures,
    default=None,
    help="What `evaluate` asks it about where no --data is typed.",
)
@options.data_format
@click.option(
    "--out", type=options.place, required=True, help="The folder to write: empty, or not there."
)
@options.work
def command(
    file: Path,
    trust_pickle: bool,
    vocab: Path | None,
    cache: Path | None,
    data: Path | None,
    data_format: str,
    out: Path,
    work: Path,
) -> None:
    """Make a run of a checkpoint of VSE++ (model_best.pth.tar), or keep what of it is of use.

    A checkpoint is a pickle, which can run any program when it is read. It is read only with
    --trust-pickle, in a process of its own that knows tensors, numbers, options and a vocabulary
    and refuses all else. Where the model is VSE++'s on frozen features (one linear map, word
    vectors, a GRU, the cosine), and --vocab and --cache are given, it becomes a run that `evaluate`
    takes; else its tensors, words and options are written, and one line says why. What it was
    trained on is not known: its reports say so. The last line printed is the folder.
    """
    if not trust_pickle:
        again = as_typed(shlex.join(["convert", "--trust-pickle", str(file)]))
        raise InputError(
            f"{file} is a pickle, which can run any program when it is read, with all that you may "
            f"do; if you trust whoever made it, type `{again} ...`"
        )
    corpus = CorpusAt(data, data_format) if data else None
    run = convert(file, vocabulary=vocab, cache=cache, data=corpus, out=out, once=Once(work))
    show(str(out))
    if run:
        say(
            f"next: {as_typed(shlex.join(['evaluate', str(out)]))}"
            + ("" if data else " --data DATA")
        )
