"""How many processes and threads train a run, what it was begun with, and what a change does."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from core.wording import counted
from train.building import first_weights
from train.identity import RANKS, read_config
from train.plan import Plan
from train.record import CONFIG
from train.task import Modules

DROPPED = ("dropout", "size_augmentation")
"""How the names of options end by which each rank draws numbers of its own."""


def identity_of(plan: Plan, modules: Modules | None) -> dict[str, Any]:
    """What is compared before a run goes on, and between the ranks that train it."""
    # What a plan begins with names its modules too, and is known without them.
    return {**plan.identity, **({} if plan.start else first_weights(modules or {}))}


def ranks_of(run: Path) -> int:
    """How many processes the run was begun with; 0 where there is none."""
    return int(read_config(run).get(RANKS, 1)) if (run / CONFIG).exists() else 0


def thread_count(run: Path, plan: Plan, count: int, say: Callable[[str], None]) -> int:
    """How many threads each of ``count`` processes has.

    With as many processes as the run was begun with it is the run's number, which its bits follow
    from; else, and for a new run, that of here and now.
    """
    now = torch.get_num_threads()
    processes = ranks_of(run)
    if not processes:
        return now
    if processes != count:
        say(f"{run} was begun with {counted(processes, 'process', 'processes')}, and goes on with "
            f"{count}: {_same(plan)}")  # fmt: skip
        return now
    begun = int(read_config(run)["threads"])
    if begun != now:
        many = counted(begun, "thread")
        say(f"{run} was begun with {many}: going on with as many, for the same bits")
    return begun


def _same(plan: Plan) -> str:
    """What stays the same with another number of processes."""
    drawn = [
        f"{key} = {value}" for key, value in _flat(plan.outline.settings) if _draws(key, value)
    ]
    if not drawn:
        return "the same up to rounding"
    return f"the same up to rounding, but for what {', '.join(drawn)} draws"


def _draws(key: str, value: Any) -> bool:
    return key.endswith(DROPPED) and isinstance(value, int | float) and value > 0


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
