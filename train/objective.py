"""What a step descends: the losses of a phase, weighted and added up, and what each of them is."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.errors import SettingError, choices
from train.summed import require_scalar, summed_of
from train.task import Task


class Value(NamedTuple):
    """The losses of one batch.

    ``total`` () is the weighted sum of the ``terms``, each () without a gradient, by the names of
    the losses; ``mean`` () the same with each term divided by how many numbers it sums
    (``train.losses``). ``costs`` is (B,) float32 on the CPU, the weighted sum of the losses that
    are a cost an example; None where every loss is a scalar.
    """

    total: Tensor
    terms: dict[str, Tensor]
    mean: Tensor
    costs: Tensor | None


class Objective:
    """The losses of a recipe, each given the outputs of the task that it asks for."""

    def __init__(self, losses: nn.ModuleDict, task: Task[Any]):
        """Look up what each loss takes.

        Raises:
            SettingError: a loss takes what the task does not give, or calls ``summed`` what is no
                method.
        """
        self._losses = losses
        self._takes = {name: _takes(name, loss.forward, task) for name, loss in losses.items()}
        self._sums = {
            name: (summed, _takes(name, summed, task))
            for name, loss in losses.items()
            if (summed := summed_of(name, loss))
        }

    def __call__(self, weights: Mapping[str, float], outputs: Mapping[str, Tensor]) -> Value:
        """The losses that ``weights`` names, of the ``outputs`` of a task for one batch.

        Raises:
            SettingError: a loss with ``summed`` gives a cost an example.
        """
        values = {name: self._value(name, outputs) for name in weights}
        terms = {name: value.detach().mean() for name, value in values.items()}
        means = [w * terms[name] / self._summed(name, outputs) for name, w in weights.items()]
        by_row = [w * values[n].detach() for n, w in weights.items() if values[n].ndim]
        return Value(
            total=torch.stack([w * values[name].mean() for name, w in weights.items()]).sum(),
            terms=terms,
            mean=torch.stack(means).sum(),
            costs=torch.stack(by_row).sum(0).float().cpu() if by_row else None,
        )

    def _value(self, name: str, outputs: Mapping[str, Tensor]) -> Tensor:
        value: Tensor = self._losses[name](**{key: outputs[key] for key in self._takes[name]})
        if name in self._sums:
            require_scalar(name, value)
        return value

    def _summed(self, name: str, outputs: Mapping[str, Tensor]) -> int:
        if name not in self._sums:
            return 1
        summed, takes = self._sums[name]
        return max(1, int(summed(**{key: outputs[key] for key in takes})))


def _takes(name: str, function: Callable[..., Any], task: Task[Any]) -> list[str]:
    takes = list(signature(function).parameters)
    for wanted in takes:
        if wanted not in task.gives:
            raise SettingError(
                f"loss.{name} takes {wanted!r}, which this task does not give; "
                f"{choices(wanted, task.gives)}: choose another loss"
            )
    return takes
