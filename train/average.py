"""An exponential moving average of the weights, which is what is validated and kept.

average <- d * average + (1 - d) * weights after every step, beginning with the first weights. With
n steps done before, d is the smaller of the decay and (1 + n) / (10 + n), as in TensorFlow's
``ExponentialMovingAverage``: so short trainings keep no share of the weights that were drawn first.
What is no weight, such as a batch norm's running mean, is taken as it is.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """The averages of some weights, by name.

    Attributes:
        steps: how many were taken in.
    """

    def __init__(self, weights: Mapping[str, nn.Parameter], decay: float):
        """Begin with what ``weights`` are.

        Args:
            weights: by name; they stay the caller's.
            decay: in (0, 1).
        """
        self._weights, self._decay = weights, decay
        self.steps = 0
        self._kept = {name: weight.detach().clone() for name, weight in weights.items()}

    def anew(self) -> "Average":
        """One that begins with what the weights are by now."""
        return Average(self._weights, self._decay)

    @torch.no_grad()
    def step(self) -> None:
        """Take in what the weights are by now."""
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        for name, kept in self._kept.items():
            kept.lerp_(self._weights[name], 1 - decay)
        self.steps += 1

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The weights are their averages inside, and what they were outside."""
        own = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self._write(self._kept)
        try:
            yield
        finally:
            self._write(own)

    def restore(self, own: Mapping[str, Tensor], steps: int) -> None:
        """The weights are their averages by now: keep them, and make the weights ``own``."""
        self.steps = steps
        for name, kept in self._kept.items():
            kept.copy_(self._weights[name].detach())
        self._write(own)

    @torch.no_grad()
    def _write(self, values: Mapping[str, Tensor]) -> None:
        for name, weight in self._weights.items():
            weight.copy_(values[name])
