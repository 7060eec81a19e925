"""The learner: a task, its losses and their optimisers as one thing that steps and is saved."""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from train.average import Average
from train.chance import generators, put_back
from train.computing import Computing
from train.finite import Ids, odd_buffers, refuse_first, refuse_moved, refuse_state
from train.objective import Objective
from train.phases import Phase
from train.ranks.ranks import ALONE, Ranks
from train.rates import Rated, refuse_idle_rates, share
from train.sampler import Sampler
from train.start import Start
from train.task import Examples, Task

OWN = "own."
"""Begins the names of the weights themselves, where the model is their average."""
AVERAGED = "average.steps"


class Step(NamedTuple):
    """One step: the loss, each of its terms, its gradient's norm, and its costs an example.

    ``loss`` is the weighted sum of the ``terms``; ``norm`` is the gradient's before it was clipped;
    ``costs`` is (B,) float32 on the CPU, None where every loss is a scalar. ``mean`` is for a
    person: ``loss`` with each term divided by how many numbers it sums (see ``train.losses``).
    """

    loss: float
    terms: dict[str, float]
    norm: float
    costs: Tensor | None
    mean: float

    @property
    def finite(self) -> bool:
        """Whether the weights have moved: they do not where a number is not finite."""
        return math.isfinite(self.loss) and math.isfinite(self.norm)


class Learner:
    """All that the next step follows from, as named tensors and back.

    Attributes:
        task: on its device.
        losses: every loss of the recipe, built once.
        phases: in their order; none where the task is solved in closed form.
        sampler: makes the batches; None without phases.
        device: the task's.
        ranks: the processes that train it; of several each has such a learner.
    """

    def __init__(
        self,
        task: Task[Any],
        losses: nn.ModuleDict,
        phases: Sequence[Phase],
        sampler: Sampler | None,
        *,
        device: torch.device,
        average: float = 0.0,
        computing: Computing | None = None,
        ranks: Ranks = ALONE,
    ):
        """Make the optimisers, one for all phases that share it.

        ``average`` is the decay of a moving average of the weights, 0 for none; ``computing`` is
        how a step is computed.

        Raises:
            SettingError: a pattern of rates fits no weight, a phase lets none learn, or a loss
                takes what the task does not give, or calls ``summed`` what is no method.
        """
        self.task, self.losses, self.phases, self.sampler = task, losses, phases, sampler
        self.device, self.ranks = device, ranks
        self._computing = computing or Computing(device)
        own = {f"loss.{name}": weight for name, weight in losses.named_parameters()}
        every = dict(task.named_parameters()) | own
        self._weights = {name: weight for name, weight in every.items() if weight.requires_grad}
        refuse_idle_rates(phases, list(self._weights))
        self._objective = Objective(losses, task)
        self._rated: dict[str, Rated] = {}
        for phase in phases:
            sharing = [other for other in phases if other.optimiser is phase.optimiser]
            known = self._rated.get(sharing[0].name)
            self._rated[phase.name] = known or Rated(self._weights, sharing)
        self._average = Average(self._weights, average) if average else None
        self._odd = odd_buffers({"task": task, "loss": losses})

    def begin(
        self, data: Examples, files: Mapping[str, str], start: Start | None = None
    ) -> list[str]:
        """Once, before any step: the task measures ``data``, its parts read what files hold.

        What begins with a run's weights has measured and read all of it already.

        Args:
            data: the training part.
            files: name -> path, of the files of word vectors that the recipe names.
            start: the run whose weights are begun with.

        Returns:
            Sentences for a person.

        Raises:
            InputError, SettingError, OSError: a file lacks what is needed, or is not there.
            NumberError: a weight is not finite.
        """
        told: list[str] = []
        if start:
            start.into(self.task)
        else:
            self.task.begin(data)
            takers: list[Any] = [m for m in self.task.modules() if hasattr(m, "take_files")]
            told += [note for taker in takers for note in taker.take_files(files)]
        if self._average:
            self._average = self._average.anew()
        refuse_first(self._model(), self._odd)
        return list(dict.fromkeys(told))

    def enter(self, phase: Phase) -> None:
        """Let the weights learn that learn in ``phase``, with its losses and its optimiser."""
        self._phase = phase
        for name, weight in self._weights.items():
            weight.requires_grad_(share(phase, name) > 0)
        needed = [self._rated[other.name] for other in self.phases if other.first >= phase.first]
        for rated in self._rated.values():
            if rated not in needed:
                rated.optimiser.state.clear()

    def train(self) -> None:
        """Put all into train mode, but for frozen batch norms: they measure nothing more.

        What stays in eval mode of its own accord, such as a CNN that is tuned, stays in it.
        """
        self.task.train()
        self.losses.train()
        inner = ((f"loss.{name}", module) for name, module in self.losses.named_modules())
        for name, module in (*self.task.named_modules(), *inner):
            if isinstance(module, _BatchNorm):
                module.train(module.training and self._measures(name, module))

    def visit(self, batch: Any) -> dict[str, Tensor]:
        """What the task gives of a batch in training: (B, ...) each, float32 where it is cast."""
        return self._computing.visit(self.task, batch)

    def set_rate(self, factor: float) -> float:
        """Scale the rates by the schedule's ``factor``; returns that of the weights of share 1."""
        return self._rated[self._phase.name].scale(self._phase, factor)

    def step(self, outputs: Mapping[str, Tensor], clip: float) -> Step:
        """Descend once, unless a number is not finite; the gradient's norm is cut to ``clip``.

        Raises:
            SettingError: a loss with ``summed`` gives a cost an example.
        """
        optimiser = self._rated[self._phase.name].optimiser
        with self._computing.compiled():
            value = self._objective(self._phase.losses, outputs)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(value.total)
        learning = [weight for weight in self._weights.values() if weight.requires_grad]
        # The weights of losses saw the whole batch on each rank: their gradient is whole already.
        self.ranks.total(weight for weight in self.task.parameters() if weight.requires_grad)
        norm = nn.utils.get_total_norm([w.grad for w in learning if w.grad is not None])
        told = [value.total.detach(), norm, value.mean, *value.terms.values()]
        total, length, mean, *each = torch.stack(told).tolist()
        named = dict(zip(value.terms, each, strict=True))
        step = Step(total, named, length, value.costs, mean)
        if step.finite:
            if length > clip:
                nn.utils.clip_grads_with_norm_(learning, clip, norm)
            optimiser.step()
            if self._average:
                self._average.step()
        return step

    def require_moved(self, where: str, ids: Ids) -> None:
        """After a step: refuse weights that it has made infinite (``train.finite``).

        Raises:
            NumberError: one is not finite.
        """
        refuse_moved(self._weights, where, ids)

    def averaged(self) -> AbstractContextManager[None]:
        """Inside, the weights are what is validated and kept: their average, where there is one."""
        return self._average.in_place() if self._average else nullcontext()

    def tensors(self) -> dict[str, Tensor]:
        """Everything, on the CPU; ``task.`` and ``loss.`` begin the names of what a model is.

        Raises:
            NumberError: a weight, an average or a moment is not finite.
        """
        with self.averaged():
            named = self._model()
        if self._average:
            named |= {f"{OWN}{name}": weight for name, weight in self._weights.items()}
            named[AVERAGED] = torch.tensor(self._average.steps)
        for phase, rated in self._distinct().items():
            named |= {f"optimiser.{phase}.{name}": m for name, m in rated.tensors().items()}
        refuse_state(named, self._odd)
        if self.sampler:
            named |= {f"sampler.{name}": value for name, value in self.sampler.tensors().items()}
        named |= {f"random.{name}": state for name, state in generators(self.device).items()}
        return {name: value.detach().cpu().clone().contiguous() for name, value in named.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Become what ``tensors`` was taken from."""
        self.task.load_state_dict(under("task.", tensors))
        self.losses.load_state_dict(under("loss.", tensors))
        if self._average:
            self._average.restore(under(OWN, tensors), int(tensors[AVERAGED]))
        for phase, rated in self._distinct().items():
            rated.restore(under(f"optimiser.{phase}.", tensors))
        if self.sampler:
            self.sampler.restore(under("sampler.", tensors))
        put_back(self.device, under("random.", tensors))

    def _model(self) -> dict[str, Tensor]:
        named = {f"task.{name}": value for name, value in self.task.state_dict().items()}
        named |= {f"loss.{name}": value for name, value in self.losses.state_dict().items()}
        return {name: value.clone() for name, value in named.items()} if self._average else named

    def _measures(self, name: str, norm: nn.Module) -> bool:
        """Whether a batch norm follows its batches: what stands under its name is not frozen."""
        weights = list(norm.parameters(recurse=False))
        learns = any(weight.requires_grad for weight in weights)
        return (learns or not weights) and share(self._phase, f"{name}.running_mean") > 0

    def _distinct(self) -> dict[str, Rated]:
        """Each optimiser once, by the name of the first phase that has it."""
        last_first = reversed(self._rated.items())
        return {name: rated for rated, name in {rated: name for name, rated in last_first}.items()}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix``, without it."""
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
