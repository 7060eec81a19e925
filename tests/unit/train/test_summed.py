"""``summed`` is a method of a loss whose scalar is a sum, or there is none."""

import pytest
import torch
from torch import nn

from core.errors import SettingError
from train.learner import Learner
from train.phases import build_phases
from train.recipe import resolve


class Pair(nn.Module):
    """Two weights as a task: the outputs are what they are."""

    gives = ("image", "caption")

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([3.0, 5.0]))

    def forward(self, batch):
        return {"image": self.weight, "caption": self.weight * 2}


class Sum(nn.Module):
    def forward(self, image):
        return image.sum()

    def summed(self, image):
        return len(image)


class PerExample(Sum):
    def forward(self, image):
        return image


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.summed = nn.Linear(2, 1)

    def forward(self, image):
        return self.summed(image).sum()


class Number(Sum):
    def __init__(self):
        super().__init__()
        self.summed = 4


class Static(Sum):
    @staticmethod
    def summed(image):
        return 2 * len(image)


class Property(nn.Module):
    @property
    def summed(self):
        return 4

    def forward(self, image):
        return image.sum()


class Bare(nn.Module):
    def forward(self, image):
        return image


def learner(loss):
    phases = build_phases(resolve({}, ["lr=0.1"]))
    made = Learner(Pair(), nn.ModuleDict({"hinge": loss}), phases, None, device=torch.device("cpu"))
    made.enter(phases[0])
    return made


@pytest.mark.parametrize(
    ("loss", "total", "mean"), [(Sum(), 8.0, 4.0), (Static(), 8.0, 2.0), (Bare(), 4.0, 4.0)]
)
def test_a_person_reads_the_sum_by_its_numbers(loss, total, mean):
    made = learner(loss)
    step = made.step(made.task(None), 2.0)
    assert (step.loss, step.mean) == (total, mean)


@pytest.mark.parametrize("loss", [Layer(), Number(), Property()])
def test_what_is_no_method_is_refused(loss):
    with pytest.raises(
        SettingError, match=r"loss.hinge has summed = \w+, and .*; call it otherwise"
    ):
        learner(loss)


def test_a_cost_an_example_is_no_sum():
    made = learner(PerExample())
    before = made.task.weight.detach().clone()
    with pytest.raises(SettingError, match=r"loss.hinge gives a cost an example, \(2,\), .*; take"):
        made.step(made.task(None), 2.0)
    assert torch.equal(made.task.weight, before)
