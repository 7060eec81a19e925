"""What a training asks of the processes that do it together, and of one that does it alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from core.sources import Rows
from train.ranks.told import Told
from train.task import Examples, Task

T = TypeVar("T")
Forward = Callable[[Any], Mapping[str, Tensor]]
"""From a batch to the outputs of a task."""


class Stateful(Protocol):
    """What is saved as named tensors, and becomes what they were taken from."""

    def tensors(self) -> dict[str, Tensor]:
        """Everything, on the CPU."""

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Become what ``tensors`` was taken from."""


class Ranks:
    """One process: its share is all of it, and there is nobody to tell.

    Attributes:
        rank: its number, from 0.
        count: how many there are.
    """

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether it is rank 0: who draws the batches, validates and writes."""
        return self.rank == 0

    def asked(self) -> None:
        """This process is asked to end soon; of several rank 0 is to know, which saves first."""

    def agreed(self, identity: str, threads: int) -> int:
        """Rank 0's ``threads``, with which all compute; 0: there is nothing to train.

        Raises:
            RunError: another rank has not the ``identity`` of rank 0: it sees other data.
        """
        del identity
        return threads

    def across(self, task: nn.Module) -> None:
        """Let the batch norms of ``task`` measure the whole batch, in place."""

    def visit(
        self, task: Task[Any], data: Examples, rows: Rows, seed: Sequence[int]
    ) -> tuple[Rows, np.random.Generator]:
        """What this process reads of a batch, and what its random numbers are drawn from.

        Args:
            task: in train mode.
            data: what is trained on.
            rows: (B,) int64, those of the batch.
            seed: what the visit's random numbers follow from: the training's, epoch and step.
        """
        del task, data
        return rows, np.random.default_rng(seed)

    def outputs(
        self,
        task: Task[Any],
        data: Examples,
        rows: Rows,
        device: torch.device,
        seed: Sequence[int],
        forward: Forward | None = None,
    ) -> Mapping[str, Tensor]:
        """What ``task``, on ``device``, gives of a visit of a batch: all its rows, in their order.

        ``forward`` is how it is computed, by default as it is. The other arguments are those of
        ``visit``.
        """
        own, draw = self.visit(task, data, rows, seed)
        return task.over_batch((forward or task)(data.batch(own, device, draw)))

    def total(self, weights: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of ``weights`` over all shares of the batch, in place."""

    def level(self, learner: Stateful) -> None:
        """Let all have the state of rank 0, where rounding has made it another."""

    def first(
        self, work: Callable[[], T], tell: Callable[[T], Told], hear: Callable[[Told], T]
    ) -> T:
        """What ``work`` gives rank 0, which alone does it.

        Args:
            work: what is not to be done by all, such as to write.
            tell: of what it gives, all that the others need.
            hear: from that back to what it gives.
        """
        del tell, hear
        return work()


ALONE = Ranks()
