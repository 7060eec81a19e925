"""What the loop asks of a sampler, and tells it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from core.predictions import Prediction
from core.sources import Rows


class Sampler(ABC):
    """Which examples make a batch; it may look at the model, be told costs, and is saved."""

    @abstractmethod
    def batches(self, epoch: int) -> Sequence[Rows]:
        """The batches of an epoch (1, 2, ...), each int64 rows of the training examples.

        They follow from the seed, the epoch and what was seen, told and restored before. A last
        batch may be smaller, or left out.
        """

    def look(self, epoch: int, predict: Callable[[], Prediction]) -> None:
        """Before an epoch: ``predict()`` is the model's view of the training examples."""
        return

    def told(self, rows: Rows, costs: Tensor) -> None:
        """After a step whose loss is a cost an example: ``costs`` (B,) float32 on the CPU."""
        return

    def tensors(self) -> dict[str, Tensor]:
        """All that the next batches follow from besides seed and epoch, at any step.

        An epoch that goes on after an interruption keeps the batches that it began with; costs are
        told on from there, to a sampler that was restored and not asked for batches again.
        """
        return {}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Become what ``tensors`` gave."""
        return
