"""What the loop asks of a task."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from core.embeddings import Embeddings
from core.records import Corpus
from core.store import FeatureCache
from train.data import Batch, Pairs


class Task(nn.Module, ABC):
    """A model that reads its examples, maps a batch to what a loss takes, and embeds."""

    @abstractmethod
    def read(self, corpus: Corpus, cache: FeatureCache) -> Pairs:
        """Join a part of a corpus to the features that this task was built for."""

    @abstractmethod
    def prepare(self, data: Pairs) -> None:
        """Measure the training data, once, before the first epoch."""

    @abstractmethod
    def forward(self, batch: Batch) -> tuple[Tensor, ...]:
        """The arguments of the loss, each with a row a caption."""

    @abstractmethod
    def embed(self, data: Pairs) -> Embeddings:
        """Encode everything, without a gradient and in eval mode; the mode is put back after."""
