"""Going on with a cache that was begun elsewhere: in the same manner, with the same libraries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from core.code import changed
from core.errors import CacheError, SettingError, fault
from core.store import FeatureWriter
from extract.backbone import Calls
from extract.engine.choice import Engine
from extract.manner import Manner, differences, in_words, manner_of

SAME = {
    "torch": "go on with torch {then}",
    "torchvision": "go on with torchvision {then}",
    "device": "go on with --device {then}",
}
ANOTHER = "begin another cache with another --work folder"
Pending = Sequence[tuple[int, range]]
Say = Callable[[str], None]


def manner_to_go_on(
    writer: FeatureWriter,
    pending: Pending,
    now: Mapping[str, Any],
    say: Say,
    *,
    batch: bool = False,
) -> Manner:
    """How what is missing is computed: as what is there was.

    Where no shard is there, the cache is begun again with what is here now.

    Args:
        writer: of a cache.
        pending: the shards that it lacks; where there is none, whatever made it is taken.
        now: what would make a cache here: torch, torchvision, device, code, and the manner.
        say: told a sentence where the manner is another.
        batch: whether a person asks for so many crops a call: they are taken, memory may be why.

    Raises:
        CacheError: the shards were made by another library, kind of device, version of the
            engine, or by other code of the backbone's family.
    """
    here = Manner(now["threads"], now["engine"], Calls(now["batch_size"], now["head_batch_size"]))
    if not pending:
        return here
    missing, of = len(pending), writer.shards
    if missing == of:
        if writer.made_with != now:
            writer.begin_again(now)
        return here
    begun = manner_of(writer.made_with, here)
    _refuse_others(f"{of - missing} of the {of} shards of {writer.path}", writer.made_with, now)
    if batch and begun.calls != here.calls:
        then, asked = in_words(begun.calls), in_words(here.calls)
        say(f"{writer.path} was begun with {then}: going on with {asked}, for other last digits")
        begun = begun._replace(calls=here.calls)
    for what in differences(begun, here):
        say(f"{writer.path} was begun with {what}, for the same bits")
    return begun


def _refuse_others(shards: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name, way in SAME.items():
        made, here = _kind(then.get(name)), _kind(now[name])
        if made and made != here:
            raise CacheError(
                f"{shards} were made with {name} {made}, and here is {here}, whose last digits "
                f"differ; {way.format(then=made)}, or {ANOTHER}"
            )
    if files := changed(then.get("code"), now["code"]):
        raise CacheError(
            f"{shards} were made by other code: {', '.join(files)} has changed since, and the "
            f"others would be of another formula; put back what it was, or {ANOTHER}"
        )


def as_begun(path: Path, begun: Manner, ready: Engine, prepare: Callable[[str], Engine]) -> Engine:
    """``ready``, or the engine that the cache at ``path`` was begun with.

    Raises:
        CacheError: that one cannot be had here.
    """
    if begun.engine == ready.name:
        return ready
    try:
        return prepare(begun.engine)
    except SettingError as error:
        what = f"{path} was begun with the engine {begun.engine}: {fault(error)}"
        raise CacheError(f"{what}; go on where it was begun, or {ANOTHER}") from None


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
