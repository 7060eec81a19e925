"""Phases: which losses, rates, optimiser and schedule each epoch has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, Protocol

import torch

from core.wording import counted
from train.schema import PhaseSettings, Recipe

Groups = list[dict[str, Any]]
"""Groups of weights that have the same rate, as torch's optimisers take them."""

Factor = Callable[[float, Sequence[float]], float]
"""A schedule: (epochs done since it began, with fractions; the scores so far) -> the share of the
learning rate. It follows from these alone, so that nothing of it is saved. One that has a third
parameter, ``steps``, is told how many steps the epoch has."""

OF_STEPS = ("batch_size", "clip", "average", "precision", "guard")
"""What a recipe says of steps at its top."""


class Timed(Protocol):
    """A schedule that is told how many steps the epoch has, whether it asks or not."""

    def __call__(self, done: float, scores: Sequence[float], steps: int = 1) -> float:
        """The share of the learning rate (see ``Factor``)."""


@dataclass(frozen=True)
class Phase:
    """So many epochs with the same losses, weights that learn, optimiser and schedule.

    Attributes:
        name: for messages.
        first: the number of its first epoch, from 1.
        epochs: how many it has, at least 1.
        losses: loss -> weight; a loss is built once and lives through all phases.
        optimiser: makes the optimiser; phases that share it share its moments.
        factor: the schedule.
        scheduled: the epoch before which the schedule began, 0 or ``first - 1``.
        rates: pattern of weights' names -> share of the rate; 0 freezes.
    """

    name: str
    first: int
    epochs: int
    losses: Mapping[str, float]
    optimiser: Callable[[Groups], torch.optim.Optimizer]
    factor: Timed
    scheduled: int
    rates: Mapping[str, float]


def build_phases(recipe: Recipe) -> list[Phase]:
    """The phases that ``recipe.epochs`` has room for, in their order.

    Without phases in the recipe there is one, with every loss; without a loss there is none.
    """
    losses = recipe.members("loss")
    settings = recipe.members("phase") or {"main": PhaseSettings.model_validate({})}
    shared: Any = _optimiser(recipe, "optimiser") if losses else None
    phases: list[Phase] = []
    done = 0
    for name in (recipe.phases or settings) if losses else ():
        own = settings[name]
        epochs = min(own.epochs or recipe.epochs, recipe.epochs - done)
        if not epochs:
            break
        optimiser, schedule = (_serving(recipe, name, part) for part in ("optimiser", "schedule"))
        alone = schedule != "schedule"
        phases.append(
            Phase(
                name=name,
                first=done + 1,
                epochs=epochs,
                losses=dict(sorted((own.loss or dict.fromkeys(losses, 1.0)).items())),
                optimiser=_optimiser(recipe, optimiser) if "." in optimiser else shared,
                factor=_schedule(recipe, schedule, epochs if alone else recipe.epochs),
                scheduled=done if alone else 0,
                rates=own.rates,
            )
        )
        done += epochs
    return phases


def cut_phases(recipe: Recipe) -> list[str]:
    """A sentence for each phase that the recipe's epochs cut short or leave out."""
    given = {phase.name: phase.epochs for phase in build_phases(recipe)}
    told = []
    for name, phase in recipe.members("phase").items():
        has, wanted = given.get(name, 0), phase.epochs or 1
        if has < wanted:
            many = counted(has, "epoch")
            told.append(f"phase {name} has {many}: epochs = {recipe.epochs} leave no more")
    return told


def idle_settings(recipe: Recipe) -> list[str]:
    """A sentence where a recipe that takes no step says how one is taken."""
    said = recipe.model_dump(exclude_defaults=True).keys()
    idle = [] if recipe.members("loss") else [key for key in OF_STEPS if key in said]
    return [f"solved without a step: nothing reads {', '.join(idle)}"] if idle else []


def _serving(recipe: Recipe, phase: str, section: str) -> str:
    """The phase's own section of this name, or the one at the top."""
    own = f"phase.{phase}.{section}"
    return own if recipe.section(own) else section


def _optimiser(recipe: Recipe, path: str) -> Any:
    section, plugin = recipe.section(path), recipe.part(path)
    return lambda groups: plugin.build(section, groups)


def _schedule(recipe: Recipe, path: str, epochs: int) -> Timed:
    factor = recipe.part(path).build(recipe.section(path), epochs=epochs)
    if "steps" in signature(factor).parameters:
        timed: Timed = factor
        return timed
    return lambda done, scores, steps=1: factor(done, scores)
