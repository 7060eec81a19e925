"""``cache info`` and ``cache verify``."""

import json
from pathlib import Path

import click

from core.errors import CacheError
from core.store import FeatureCache, undigested, verify_cache
from core.store.manifest import MEND
from core.wording import counted
from pipeline.refusals.failures import SHOWN
from pipeline.typed import options
from pipeline.typed.usage import Group

_PATH = click.argument("path", metavar="CACHE", type=options.cache)


EPILOG = (
    "\b\nExamples:\n"
    "  python -m pipeline cache info work/features/NAME\n"
    "  python -m pipeline cache verify work/features/NAME"
)


@click.group("cache", cls=Group, epilog=EPILOG)
def command() -> None:
    """Look into a feature cache, or check every byte of it."""


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
