"""How features are computed, where another way gives other last digits of the same numbers."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from extract.backbone import Calls
from extract.engine.choice import PLAIN

MOST_THREADS = 1024  # what a file may ask for


class Manner(NamedTuple):
    """What ``made_with`` of a cache says of it."""

    threads: int
    engine: str
    calls: Calls


def as_made_with(manner: Manner) -> dict[str, Any]:
    """As ``made_with`` holds it."""
    return {
        "batch_size": manner.calls.trunk,
        "head_batch_size": manner.calls.head,
        "engine": manner.engine,
        "threads": manner.threads,
    }


def manner_of(made_with: Mapping[str, Any], here: Manner) -> Manner:
    """What ``made_with`` says; what it does not say, or no one can have meant, is as ``here``.

    Before there was another engine, plain torch computed, and one number was for both calls.
    """
    threads = _count(made_with.get("threads"))
    trunk = _count(made_with.get("batch_size"))
    head = _count(made_with.get("head_batch_size", trunk))
    return Manner(
        threads if 0 < threads <= MOST_THREADS else here.threads,
        str(made_with.get("engine") or PLAIN),
        Calls(trunk, head) if trunk and head else here.calls,
    )


def differences(begun: Manner, here: Manner) -> Iterator[str]:
    """What a cache was begun with, and how it goes on, wherever that is not as ``here``."""
    if begun.threads != here.threads:
        yield f"{begun.threads} threads: going on with as many"
    if begun.engine != here.engine:
        yield f"the engine {begun.engine}: going on with it"
    if begun.calls != here.calls:
        yield f"{in_words(begun.calls)}: going on with as many"


def in_words(calls: Calls) -> str:
    """What one call takes: ``10 crops a call``, of a head of its own ``10 (its head 80)``."""
    own = f" (its head {calls.head})" if calls.head != calls.trunk else ""
    return f"{calls.trunk} crops a call{own}"


def _count(value: object) -> int:
    """A count of one or more; 0 for anything else."""
    return value if isinstance(value, int) and value > 0 else 0
