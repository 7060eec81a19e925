"""Two and four ranks against one process with the same batch, in float64: one step of each loss."""

from inspect import signature
from itertools import product

import numpy as np
import pytest
import torch
from torch.utils._pytree import tree_map

from core.plugins import load, names
from tests.ranks import together
from tests.tiny import CPU, world
from train.building import build, seeded
from train.plan import Plan
from train.ranks.ranks import ALONE
from train.recipe import resolve
from train.task import Task

LOSSES = names("train.losses")
CANCELLED = 1e-14
"""Of what cancels to nothing, as a bias before batch norm, the rounding of its parts is left."""
# Rows of the tiny corpus: two captions a picture; an uneven batch, and one with fewer than ranks.
UNEVEN, FEW = (3, 0, 9, 22, 2, 14, 8, 1, 17, 5, 12), (6, 20, 7)
PAIRED = ("min_count=1", "embed_dim=6", "text.word_dim=4")
ADAPTED = ("embed_dim=6", "text.inner_dropout=0", "image.inner_dropout=0")
NORMED = (*PAIRED, "image.name=mlp", "image.hidden=5")
MORE = {
    "batch norm": ({}, NORMED),
    "batch norm, once": ({}, (*NORMED, "each_picture=once")),
    "batch norm of vectors that are there": (
        {"image": {"name": "gpo"}},
        (*PAIRED, "layer=grid", "image.hidden=5"),
    ),
    "one crop a row": ({}, (*PAIRED, "crop=random")),
    "mixed crops, once": ({}, (*PAIRED, "crop=mixture", "each_picture=once")),
    "distinct pictures": ({"loss": {"a": {"name": "infonce"}}}, (*PAIRED, "each_picture=once")),
    "mixup": ({}, (*PAIRED, "mixup=0.5")),
    "mixup, once": (
        {"loss": {"a": {"name": "infonce"}}},
        (*PAIRED, "mixup=1", "each_picture=once"),
    ),
    "mixup of vectors": ({"task": {"name": "adapted", "mixup": 1.0}}, ADAPTED),
    "order": ({}, (*PAIRED, "similarity=order")),
    "bag": ({"text": {"name": "bag"}}, ("min_count=1", "embed_dim=6", "idf=true")),
    "two losses": (
        {"loss": {"a": {"name": "hinge"}, "b": {"name": "infonce"}}},
        (*PAIRED, "clip=0.01"),
    ),
}


TASKS = {"paired": PAIRED, "adapted": ADAPTED, "labelled": ("embed_dim=6", "hidden=5")}


def recipes():
    """Every loss with each of these tasks that gives what it takes, and what else is in a step."""
    told = dict(MORE)
    for (task, settings), loss in product(TASKS.items(), LOSSES):
        case = {"task": {"name": task}, "loss": {"a": {"name": loss}}}
        if takes(loss) <= gives(resolve(case, settings)):
            told[f"{task}, {loss}"] = (case, settings)
    assert {name.partition(", ")[2] for name in told} >= set(LOSSES)
    return {case: resolve(*told) for case, told in told.items()}


def takes(loss):
    """The outputs of a task that a loss takes, by the parameters of its class."""
    (made,) = (
        each
        for each in vars(load("train.losses", loss)).values()
        if isinstance(each, type) and "forward" in vars(each) and each.__module__.endswith(loss)
    )
    return set(signature(made.forward).parameters) - {"self"}


def gives(recipe):
    plugin = recipe.part("task")
    (made,) = (
        each
        for each in vars(plugin).values()
        if isinstance(each, type) and issubclass(each, Task) and each.__module__ == plugin.__name__
    )
    return set(made.gives)


class Doubled:
    """Examples whose batches are float64."""

    def __init__(self, inner):
        self._inner, self.group = inner, inner.group

    def batch(self, rows, device, draw=None):
        batch = self._inner.batch(rows, device, draw)
        return tree_map(lambda t: t.double() if t.is_floating_point() else t, batch)


def stepped(ranks, recipe, folder, rows):
    """One step on ``rows``: its numbers, each weight's gradient, and each buffer."""
    corpus, sources, modules = world(recipe, folder)
    with seeded(0, CPU):
        learner, data, _ = build(Plan.of(corpus, sources, recipe), modules, CPU, ranks)
        learner.begin(data.train, {})
        learner.task.double()
        learner.losses.double()
        learner.enter(learner.phases[0])
        learner.train()
        examples = Doubled(data.train)
        outputs = learner.ranks.outputs(learner.task, examples, np.array(rows), CPU, (0, 1, 1))
        step = learner.step(outputs, recipe.clip)
        drawn = torch.rand(1, dtype=torch.float64)
    weights = {**dict(learner.task.named_parameters()), **dict(learner.losses.named_parameters())}
    told = {"loss": step.loss, "mean": step.mean, "norm": step.norm, "next random": drawn}
    told |= {name: weight.grad for name, weight in weights.items() if weight.grad is not None}
    told |= dict(learner.task.named_buffers())
    if step.costs is not None:
        told["costs"] = step.costs.double()
    return {name: np.asarray(value, dtype=np.float64) for name, value in told.items()}


def every(ranks, folder, rows):
    return {case: stepped(ranks, recipe, folder, rows) for case, recipe in recipes().items()}


@pytest.mark.parametrize(("count", "rows"), [(2, UNEVEN), (4, UNEVEN), (4, FEW)])
def test_a_step_is_that_of_one_process(count, rows, tmp_path):
    (tmp_path / "alone").mkdir()
    alone = every(ALONE, tmp_path / "alone", rows)
    for rank, found in enumerate(together(count, every, tmp_path, rows)):
        assert found.keys() == alone.keys()
        for case, wanted in alone.items():
            # A weight that no loss has asked has the gradient 0 by ranks, and none alone.
            assert found[case].keys() >= wanted.keys(), case
            for name in found[case]:
                value = wanted.get(name, np.zeros(1))
                apart = np.abs(found[case][name] - value).max(initial=0)
                scale = np.abs(value).max(initial=0)
                # What costs a row float32 is told to samplers; all else is float64.
                near = 1e-6 if name == "costs" else 1e-12
                if np.abs([*found[case][name].flat, scale]).max() < CANCELLED:
                    continue
                assert apart <= near * max(scale, 1e-3), (case, rank, name, apart, scale)
