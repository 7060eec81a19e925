"""Two and four ranks against one process with the same batch, in float64: one step of each loss."""

import numpy as np
import pytest
import torch
from torch.utils._pytree import tree_map

from core.plugins import names
from tests.ranks import together
from tests.tiny import CPU, world
from train.building import build, seeded
from train.plan import Plan
from train.ranks.ranks import ALONE
from train.recipe import resolve

LOSSES = names("train.losses")
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


def recipes():
    """Every loss with both tasks, and what else takes part in a step."""
    told = dict(MORE)
    for loss in LOSSES:
        told[f"paired, {loss}"] = ({"loss": {"a": {"name": loss}}}, PAIRED)
        told[f"adapted, {loss}"] = (
            {"task": {"name": "adapted"}, "loss": {"a": {"name": loss}}},
            ADAPTED,
        )
    return {case: resolve(*told) for case, told in told.items()}


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
            assert found[case].keys() == wanted.keys(), case
            for name, value in wanted.items():
                apart = np.abs(found[case][name] - value).max(initial=0)
                scale = np.abs(value).max(initial=0)
                # What costs a row float32 is told to samplers; all else is float64.
                near = 1e-6 if name == "costs" else 1e-12
                assert apart <= near * max(scale, 1e-3), (case, rank, name, apart, scale)
