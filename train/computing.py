"""How a step is computed: at which precision, and by torch's compiler where that is asked for.

``torch.compile`` fuses what a part does between its products. Parts are compiled, not the step: a
recurrent network is left to cuDNN, whose one call nothing can be fused with, and what stands
between the parts counts pictures. Sizes are taken to vary from the first batch on, so that a
resumed training has the kernels of one that was not interrupted, and random numbers are drawn as
without it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from train.precision import all_full, casting
from train.schema import Precision
from train.task import Task

BACKEND = "inductor"


class Computing:
    """What a task's forward and the losses are computed by, in training and nowhere else."""

    def __init__(
        self,
        device: torch.device,
        precision: Precision = "float32",
        parts: Iterable[nn.Module] = (),
    ):
        """``parts`` are those that are compiled, each at its first batch."""
        self._device, self._precision = device, precision
        self._forms = {part: _form(part.forward) for part in parts}

    def visit(self, task: Task[Any], batch: Any) -> dict[str, Tensor]:
        """What ``task`` gives of a batch: (B, ...) each, float32 where it is cast."""
        with self.compiled(), casting(self._precision, self._device):
            outputs = task(batch)
        return all_full(outputs)

    @contextmanager
    def compiled(self) -> Iterator[None]:
        """Inside, the parts are in their compiled form."""
        for part, form in self._forms.items():
            part.forward = form
        try:
            yield
        finally:
            for part in self._forms:
                del part.forward


def parts_of(task: nn.Module, losses: nn.ModuleDict) -> list[nn.Module]:
    """What of a step can be compiled: parts of the task without a recurrent network, and losses."""
    encoders = [part for part in task.children() if not _recurs(part)]
    return [*encoders, *losses.values()]


def _recurs(part: nn.Module) -> bool:
    return any(isinstance(module, nn.RNNBase) for module in part.modules())


def _form(forward: Callable[..., Any]) -> Callable[..., Any]:
    form: Callable[..., Any] = torch.compile(
        forward, dynamic=True, backend=BACKEND, options={"fallback_random": True}
    )
    return form
