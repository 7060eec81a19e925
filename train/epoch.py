"""An epoch under way: which batches it has, how far it is, and what its steps gave."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from core.sources import Rows
from train.learner import Step, under


@dataclass
class Epoch:
    """All that an epoch is besides the learner, so that it can be left and gone on with.

    The batches are kept as they were drawn: a sampler that looked at the model, or was told costs
    since, would draw others by now. ``losses`` and each of ``terms`` have a value a step that was
    taken; so have ``means``, the losses divided by how many numbers they sum, but for the steps of
    a state that an earlier version saved; ``rate`` is the last step's; ``seconds`` is how long the
    steps took.
    """

    batches: Sequence[Rows]
    losses: list[float] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    terms: dict[str, list[float]] = field(default_factory=dict)
    rate: float = 0.0
    seconds: float = 0.0

    @property
    def step(self) -> int:
        """How many steps have been taken."""
        return len(self.losses)

    @property
    def examples(self) -> int:
        """How many examples the steps had."""
        return sum(len(rows) for rows in self.batches[: self.step])

    @property
    def loss(self) -> float:
        """The mean of the steps' losses."""
        return _mean(self.losses)

    @property
    def mean_loss(self) -> float:
        """The mean of the steps' losses, each divided by how many numbers it sums."""
        return _mean(self.means)

    def take(self, step: Step, rate: float) -> None:
        """Note one step more."""
        self.losses.append(step.loss)
        self.means.append(step.mean)
        for name, value in step.terms.items():
            self.terms.setdefault(name, []).append(value)
        self.rate = rate

    def row(self) -> dict[str, float]:
        """For the metrics: the mean losses of the steps, their examples, the last one's rate."""
        row = {"loss": self.loss, "mean_loss": self.mean_loss, "lr": self.rate}
        for name, values in self.terms.items() if len(self.terms) > 1 else ():
            row[f"loss_{name}"] = _mean(values)
        return row | {"examples": self.examples, "train_seconds": self.seconds}

    def tensors(self) -> dict[str, Tensor]:
        """Everything, as named tensors: int64 rows and lengths, float64 losses."""
        named = {
            "rows": torch.from_numpy(np.concatenate(self.batches)),
            "lengths": torch.tensor([len(rows) for rows in self.batches]),
            "losses": torch.tensor(self.losses, dtype=torch.float64),
            "means": torch.tensor(self.means, dtype=torch.float64),
            "last": torch.tensor([self.rate, self.seconds], dtype=torch.float64),
        }
        for name, values in self.terms.items():
            named[f"term.{name}"] = torch.tensor(values, dtype=torch.float64)
        return {f"epoch.{name}": value for name, value in named.items()}

    @staticmethod
    def restored(tensors: Mapping[str, Tensor]) -> "Epoch":
        """What ``tensors`` was taken from; among other tensors."""
        kept = under("epoch.", tensors)
        ends = kept["lengths"].cumsum(0)[:-1].numpy()
        rate, seconds = kept["last"].tolist()
        return Epoch(
            batches=np.split(kept["rows"].numpy(), ends),
            losses=kept["losses"].tolist(),
            means=kept["means"].tolist() if "means" in kept else [],
            terms={name: values.tolist() for name, values in under("term.", kept).items()},
            rate=rate,
            seconds=seconds,
        )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
