"""What the loop asks of a task and of its examples."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.errors import SettingError
from core.heard import Heard, heard
from core.predictions import Prediction
from core.records import Caption, Corpus
from core.sources import Rows, Source
from core.splitting import split_all
from core.text_words import Splitter
from core.vectors import Vectors

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
        similarity: how its vectors are compared (see ``core.predictions.Embeddings``).
    """

    gives: ClassVar[tuple[str, ...]] = ()
    dim: int = 0
    similarity: str = "inner"

    @abstractmethod
    def read(self, part: Corpus, sources: Mapping[str, Source]) -> E:
        """Join a part of a corpus to its sources.

        Raises:
            InputError, CacheError: the part lacks what this task needs.
        """

    def fitting(self, train: E, val: E, parts: tuple[Corpus, Corpus]) -> Sequence[str]:
        """What of both parts teaches or chooses nothing, in sentences, before any step.

        Raises:
            InputError: nothing could be learnt from one, or chosen by the other.
        """
        del train, val, parts
        return ()

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

    def images(self, part: Corpus, sources: Mapping[str, Source]) -> Vectors:
        """The pictures of ``part`` that every source of pictures has, as ``predict`` has them.

        Returns:
            (N, D) float32 in the order of the part, with captions or without; a picture's vector
            follows from it alone.

        Raises:
            SettingError: this task encodes no picture alone.
            CacheError: no picture has features.
            NumberError: a vector is not finite.
        """
        raise self._none_alone("picture")

    def captions(
        self,
        captions: Sequence[Caption],
        sources: Mapping[str, Source],
        splitter: Splitter = split_all,
    ) -> Vectors:
        """Sentences, of any picture or of none, as ``predict`` has those of a part.

        Args:
            captions: N, at least one, each of another id.
            sources: of a task that reads stored vectors of captions, these.
            splitter: splits them into words, and may have kept them.

        Returns:
            (N, D) float32 in their order; a sentence's vector follows from it alone.

        Raises:
            SettingError: this task encodes no sentence alone.
            CacheError: a caption has no stored vector, where there must be one.
            NumberError: a vector is not finite.
        """
        raise self._none_alone("sentence")

    def heard(self, sentence: str) -> Heard:
        """Which words of a sentence the task knows: all, where it has no words of its own.

        Raises:
            InputError: the sentence takes too long to split.
        """
        return heard(sentence)

    def _none_alone(self, what: str) -> SettingError:
        return SettingError(
            f"the task {type(self).__name__} encodes no {what} by itself, so that this run cannot "
            "be searched with one; take a run of a task that does",
            mend="alone",
        )


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
