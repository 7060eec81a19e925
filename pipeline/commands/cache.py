"""``cache info`` and ``cache verify``."""

import json
from pathlib import Path

import click

from core.errors import CacheError
from core.store import FeatureCache, verify_cache

_PATH = click.argument("path", metavar="CACHE", type=click.Path(path_type=Path))


@click.group("cache")
def command() -> None:
    """Look into a feature cache, or check every byte of it."""


@command.command()
@_PATH
def info(path: Path) -> None:
    """Print what a cache was made from and what it holds, as JSON."""
    cache = FeatureCache(path)
    shown = {name: value for name, value in cache.manifest.items() if name != "shards"}
    shown["layers"] = {name: list(shape) for name, shape in cache.layers.items()}
    shown["shards"] = len(cache.manifest["shards"])
    shown["bytes"] = sum(file.stat().st_size for file in path.iterdir())
    click.echo(json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False))


@command.command()
@_PATH
def verify(path: Path) -> None:
    """Compare every shard with its SHA-256; exit code 1 if one differs."""
    problems = verify_cache(path)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise CacheError(
            f"{path}: {len(problems)} of its shards are not as written; "
            "run the same `features` command to make them again"
        )
    click.echo(f"{path}: every shard is as it was written")
