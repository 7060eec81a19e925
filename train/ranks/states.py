"""States of a run as rank 0, which alone reads and writes them, tells the others."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from torch import Tensor

from train.checkpoint import Checkpoints
from train.ranks.ranks import Stateful
from train.ranks.told import Told
from train.record import Record

State = tuple[Record, Mapping[str, Tensor]]


def held(checkpoints: Checkpoints | None) -> Checkpoints:
    """The states of the run, which rank 0 has."""
    assert checkpoints is not None, "rank 0 alone reads and writes"
    return checkpoints


def learner_state(learner: Stateful) -> Callable[[State], Told]:
    """How to tell what is gone on from; of a new run, what ``learner`` begins with."""
    return lambda state: Told(asdict(state[0]), state[1] or learner.tensors())


def resumed(told: Told) -> State:
    """What ``learner_state`` told."""
    return Record(**told.facts), told.tensors


def record_told(record: Record) -> Told:
    """A record for the others."""
    return Told(asdict(record))


def record_heard(told: Told) -> Record:
    """What ``record_told`` told."""
    return Record(**told.facts)
