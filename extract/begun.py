"""Going on with a cache that was begun elsewhere: with as many threads, and the same libraries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from core.errors import CacheError
from core.store import FeatureWriter

SAME = {
    "torch": "go on with torch {then}",
    "torchvision": "go on with torchvision {then}",
    "device": "go on with --device {then}",
}
MOST_THREADS = 1025  # what a file may ask for
Pending = Sequence[tuple[int, range]]
Say = Callable[[str], None]


def settle(writer: FeatureWriter, pending: Pending, now: Mapping[str, Any], say: Say) -> int:
    """How many threads compute what is missing: as many as computed what is there.

    Where no shard is there, the cache is begun again with what is here now.

    Args:
        writer: of a cache.
        pending: the shards that it lacks; where there is none, whatever made it is taken.
        now: what would make a cache here: torch, torchvision, device, threads.
        say: told a sentence where the number of threads is another.

    Raises:
        CacheError: the shards were made by another library or kind of device.
    """
    if not pending:
        return int(now["threads"])
    missing, of = len(pending), writer.shards
    if missing == of:
        if writer.made_with != now:
            writer.begin_again(now)
        return int(now["threads"])
    then = writer.made_with
    for name, way in SAME.items():
        made, here = _kind(then.get(name)), _kind(now[name])
        if made and made != here:
            raise CacheError(
                f"{of - missing} of the {of} shards of {writer.path} were made with {name} {made}, "
                f"and here is {here}, whose last digits differ; {way.format(then=made)}, or begin "
                "another cache with another --work folder"
            )
    threads = then.get("threads", now["threads"])
    if threads == now["threads"] or threads not in range(1, MOST_THREADS):
        return int(now["threads"])
    say(f"{writer.path} was begun with {threads} threads: going on with as many, for the same bits")
    return int(threads)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads a product inside, as before outside: the bits of a sum follow from them."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _kind(value: Any) -> str:
    """``cuda:1`` is the same kind of device as ``cuda:0``; "" of what no one said."""
    return str(value or "").partition(":")[0]
