"""What the loop asks of a task and of its examples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.predictions import Prediction
from core.records import Corpus
from core.sources import Rows, Source

Modules = Mapping[str, nn.Module]
"""Networks from outside, by name: such as a CNN whose weights shall learn."""


class Examples(Protocol):
    """What a part of a corpus is for a task: so many rows, each with a name and a group.

    Attributes:
        id: (N,) str, for messages.
        group: (N,) int64, equal where two rows are of one picture: its row in the part.
        label: (N, classes) bool in the order of ``Measured.classes``; None where there are none.
        notes: sentences for a person: what was cut, and how much.
    """

    id: npt.NDArray[np.str_]
    group: Rows
    label: npt.NDArray[np.bool_] | None
    notes: tuple[str, ...]

    def batch(
        self, rows: Rows, device: torch.device, draw: np.random.Generator | None = None
    ) -> Any:
        """What the task's ``forward`` takes of these rows; ``draw`` marks a training visit."""


E = TypeVar("E", bound=Examples)


class Task(nn.Module, ABC, Generic[E]):
    """A model that reads its examples, maps a batch to what losses take, and predicts.

    Attributes:
        gives: the names that ``forward`` answers with.
        dim: the width of the outputs that a loss with weights of its own is built for.
    """

    gives: ClassVar[tuple[str, ...]] = ()
    dim: int = 0

    @abstractmethod
    def read(self, part: Corpus, sources: Mapping[str, Source]) -> E:
        """Join a part of a corpus to its sources.

        Raises:
            InputError, CacheError: the part lacks what this task needs.
        """

    def begin(self, data: E) -> None:
        """Measure the training data, or solve in closed form: once, in place, before any step."""
        del data

    def forward(self, batch: Any) -> Mapping[str, Tensor]:
        """Outputs by name, each (B, ...): a row an example, which depends on it alone.

        A task that mixes examples before it encodes them gives a row for each of its ``units``.
        """
        raise NotImplementedError(f"{type(self).__name__} has nothing that a loss could take")

    def units(self, rows: Rows) -> Rows:
        """Of which examples each row of ``forward`` is, in training: (U, k) of ``rows`` (B,).

        Several ranks share a batch by these; what is no example's alone is left out. Of such a
        batch ``forward`` is given the first of each unit, then the second of each ...
        """
        return rows[:, None]

    def over_batch(self, outputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """What losses take, of the rows that ``forward`` gave of a whole batch.

        So a task mixes examples after it has encoded them. It has no weights of its own here, and
        what it draws from torch's generator is the batch's. Where rows are fewer after it, no
        example has a cost.
        """
        return outputs

    @abstractmethod
    def predict(self, data: E) -> Prediction:
        """What stage three judges: without a gradient, in eval mode; the mode is put back after."""


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Eval mode without gradients inside, the mode as before outside."""
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(training)
