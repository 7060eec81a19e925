"""``cache import``, ``cache info`` and ``cache verify``."""

import json
from pathlib import Path

import click

from core.errors import CacheError
from core.store import FeatureCache, undigested, verify_cache
from core.store.manifest import MEND
from core.wording import counted
from pipeline.memory.once import Once
from pipeline.refusals.failures import SHOWN
from pipeline.said.closing import after_features
from pipeline.said.progress import say, show
from pipeline.stages.imported import all_imported
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed import options
from pipeline.typed.usage import Group

_PATH = click.argument("path", metavar="CACHE", type=options.cache)


EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline cache import f8k_precomp\n"
    "  python -m pipeline cache info work/features/NAME\n"
    "  python -m pipeline cache verify work/features/NAME"
)


@click.group("cache", cls=Group, epilog=EPILOG)
def command() -> None:
    """Look into a feature cache, check every byte of it, or make one of vectors that are there."""


@command.command("import")
@options.data_argument
@options.data_format
@click.option(
    "--encoder",
    default="",
    metavar="NAME",
    help="What made the vectors, in your words: a run that was trained on them may then be asked "
    "about another import of the same NAME. By default the files themselves tell, and no other "
    "import is of the same encoder.",
)
@options.work
def import_(path: Path, data_format: str, encoder: str, work: Path) -> None:
    """Make feature caches of vectors that somebody else made; their names are printed last.

    DATA holds train_images.npy, train_texts.npy and train_labels.npy, and such of val and test, or
    matrices of such names in a .mat or HDF5 file: a cache of the images, then one of the texts. Or
    it holds train_ims.npy and train_caps.txt, and such of dev (or val), test, testall: matrices
    (N, D), or (N, R, D) of R regions, of float16, float32 or float64, with a caption a row or five,
    as VSE++ and SCAN keep them. No file that holds pickled objects is read. The same DATA is --data
    for `train` and `evaluate`.
    """
    data, once = CorpusAt(path, data_format), Once(work)
    caches = all_imported(data, terms=Terms(work=work), encoder=encoder, once=once)
    for cache in caches:
        show(str(cache))
    corpus = once.corpus(path, data_format)
    say(after_features(caches, corpus, path, data_format, work))


@command.command()
@_PATH
@options.work
def info(path: Path, **_: object) -> None:
    """Print what a cache was made from and what it holds, as JSON."""
    cache = FeatureCache(path)
    shown = {name: value for name, value in cache.manifest.items() if name != "shards"}
    shown["layers"] = {name: list(shape) for name, shape in cache.layers.items()}
    shown["shards"] = len(cache.manifest["shards"])
    shown["bytes"] = sum(file.stat().st_size for file in path.iterdir())
    click.echo(json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False))


@command.command()
@_PATH
@options.work
def verify(path: Path, **_: object) -> None:
    """Compare every byte of every file with what was written; exit code 1 if one differs."""
    problems = verify_cache(path)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise CacheError(f"{path}: {problems[0]}{more}; {MEND}")
    earlier = undigested(path)
    if earlier:
        click.echo(
            f"{counted(len(earlier), 'file is', 'files are')} of an earlier version and without a "
            "digest, so that a change "
            f"of them may not show: {', '.join(earlier[:SHOWN])}{' ...' * (len(earlier) > SHOWN)}",
            err=True,
        )
    click.echo(f"{path}: every byte is as it was written")
