"""From a plan to what the loop needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from hashlib import sha256
from typing import Any, NamedTuple

import safetensors.torch
import torch
from torch import nn

from core.errors import SettingError
from train.chance import generators, put_back
from train.collapse import add_gentle
from train.computing import Computing, parts_of
from train.examples.there import settle
from train.learner import Learner
from train.loop import Data, least_batch
from train.measured import Measured
from train.phases import build_phases
from train.plan import Plan
from train.precision import require
from train.ranks.ranks import ALONE, Ranks
from train.sampler import Sampler
from train.schema import Recipe
from train.scored import Scored
from train.task import Examples, Modules, Task


class Built(NamedTuple):
    """What ``fit`` takes, and what was measured on the way."""

    learner: Learner
    data: Data
    measured: Measured


def build(
    plan: Plan,
    modules: Modules,
    device: torch.device,
    ranks: Ranks = ALONE,
    compiles: bool = False,
) -> Built:
    """Measure the training part, build the task and its losses, and read both parts.

    Of several ``ranks`` each builds its own, with the same weights. ``compiles`` asks for parts
    that torch compiles at their first batch.

    Raises:
        SettingError: the recipe's parts do not fit together.
        InputError, CacheError: a part of the corpus lacks what the task needs.
    """
    recipe, sources = plan.recipe, plan.sources
    measured = plan.measure()
    task = build_task(recipe, measured, modules)
    train, val = (task.read(part, sources) for part in plan.parts)
    losses = build_losses(recipe, measured, task.dim)
    if recipe.guard:
        add_gentle(losses)
    phases = build_phases(recipe)
    if phases:
        _refuse_small_batches(recipe, train, least_batch(task, losses))
    sampler = _sampler(recipe, train, plan.seed) if phases else None
    require(recipe.precision, device)
    ranks.across(task)
    parts = task.to(device), losses.to(device), phases, sampler
    computing = Computing(device, recipe.precision, parts_of(task, losses) if compiles else ())
    learner = Learner(
        *parts, device=device, average=recipe.average, computing=computing, ranks=ranks
    )
    if phases:
        settle(train, device)
    return Built(learner, Data(train, val, plan.seed), measured)


def build_task(recipe: Recipe, measured: Measured, modules: Modules) -> Task[Any]:
    """The task with fresh weights, from torch's generator, and its own copies of ``modules``."""
    own = {name: deepcopy(module) for name, module in modules.items()}
    task: Task[Any] = recipe.part("task").build(recipe, measured, own)
    return task


def build_losses(recipe: Recipe, measured: Measured, dim: int) -> nn.ModuleDict:
    """Every loss of the recipe by name, in the order of the names.

    Raises:
        SettingError: the task has another similarity than the inner product, which a loss that
            computes more than scores cannot take.
    """
    losses = nn.ModuleDict(
        {
            name: recipe.part(f"loss.{name}").build(options, measured=measured, dim=dim)
            for name, options in sorted(recipe.members("loss").items())
        }
    )
    for name, loss in losses.items():
        _compare(name, loss, getattr(recipe.task, "similarity", "inner"))
    return losses


def first_weights(modules: Modules) -> dict[str, Any]:
    """A digest of each module's weights, for the identity; nothing where there are no modules."""
    digests = {}
    for name, module in sorted(modules.items()):
        weights = module.state_dict().items()
        kept = {key: value.detach().cpu().clone().contiguous() for key, value in weights}
        digests[name] = sha256(safetensors.torch.save(kept)).hexdigest()
    return {"modules": digests} if digests else {}


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's own generators, seeded inside and as before outside."""
    before = generators(device)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        put_back(device, before)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads a product inside, as before outside: the bits of a sum follow from them."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _compare(name: str, loss: nn.Module, similarity: str) -> None:
    """Let a loss score by the task's ``similarity``."""
    if isinstance(loss, Scored):
        loss.similarity = similarity
    elif similarity != "inner":
        raise SettingError(
            f"task.similarity = {similarity}, and loss.{name} computes inner products; choose "
            f"another loss, such as loss.{name}.name=hinge"
        )


def _refuse_small_batches(recipe: Recipe, train: Examples, least: int) -> None:
    if min(recipe.batch_size, len(train.id)) < least:
        raise SettingError(
            f"batch_size = {recipe.batch_size}, of {len(train.id)} examples: batch norm needs "
            f"{least} in a batch; use a larger batch_size or more data"
        )


def _sampler(recipe: Recipe, train: Examples, seed: int) -> Sampler:
    made: Sampler = recipe.part("sampler").build(
        recipe.section("sampler"), data=train, batch_size=recipe.batch_size, seed=seed
    )
    return made
