"""An encoder whose vectors follow from the batch is refused where it predicts, and no other is."""

import pytest
import torch
from torch import nn
from torch.nn.functional import batch_norm, dropout, normalize

from core.errors import SettingError
from tests.tiny import CPU, world
from train.building import build, seeded
from train.plan import Plan
from train.recipe import resolve
from train.tasks._alone import require_own

BESIDE = "gives an item another vector among many than among few"


class Wrapped(nn.Module):
    """``encoder``, and ``after`` of what it gives and of what it was given."""

    def __init__(self, encoder, after):
        super().__init__()
        self.encoder, self.after = encoder, after

    def forward(self, *given):
        return self.after(self.encoder(*given), given[0])


LEAKS = {
    "batch": lambda vectors, _: batch_norm(vectors, None, None, training=True),
    "mean": lambda vectors, _: vectors - vectors.mean(0),
    "chance": lambda vectors, _: dropout(vectors, 0.5, True),
}
SOUND = {
    "own": lambda vectors, _: vectors,
    "rounded": lambda vectors, _: vectors.to(torch.bfloat16).float(),
    "zero": lambda vectors, _: vectors * 0 + torch.tensor([1.0] + [0.0] * (vectors.shape[1] - 1)),
}


def padded(vectors, tokens):
    return normalize(vectors, dim=1) + tokens.shape[1] / 10


@pytest.fixture(params=["paired", "adapted"])
def task(request, tmp_path):
    """A task that is not trained, and what it reads."""
    recipe = resolve({"task": {"name": request.param}})
    corpus, sources, modules = world(recipe, tmp_path)
    with seeded(0, CPU):
        learner, data, _ = build(Plan.of(corpus, sources, recipe), modules, CPU)
    return learner.task, data.train


@pytest.mark.parametrize("side", ["image", "text"])
@pytest.mark.parametrize("leak", LEAKS)
def test_what_follows_from_the_batch_is_refused(task, side, leak):
    task, data = task
    setattr(task, side, Wrapped(getattr(task, side), LEAKS[leak]))
    with pytest.raises(SettingError, match=f"the encoder Wrapped {BESIDE}.* running statistics"):
        task.predict(data)


@pytest.mark.parametrize("task", ["paired"], indirect=True)
def test_what_follows_from_padding_is_refused(task):
    task, data = task
    assert len(set(data.tokens.lengths.tolist())) > 1
    task.text = Wrapped(task.text, padded)
    with pytest.raises(SettingError, match=BESIDE):
        task.predict(data)


@pytest.mark.parametrize("side", ["image", "text"])
@pytest.mark.parametrize("sound", SOUND)
def test_what_is_an_items_own_is_not(task, side, sound):
    task, data = task
    setattr(task, side, Wrapped(getattr(task, side), SOUND[sound]))
    task.predict(data)


def test_what_is_not_finite_is_another_ones_error():
    nothing = torch.full((2, 3), torch.nan)
    require_own(lambda given: given * torch.nan, (torch.ones(2, 3),), nothing)
