"""Adagrad (Duchi et al. 2011): the rate of each weight falls with the sum of its squares."""

import torch
from pydantic import Field

from core.settings import Settings
from train.phases import Groups


class Options(Settings):
    """The options of Adagrad; what suits Adam is too small a rate for it after a few steps."""

    lr: float = Field(0.01, gt=0, description="learning rate")
    initial: float = Field(0.0, ge=0, description="with which the sums of squares begin")


def build(options: Options, groups: Groups) -> torch.optim.Optimizer:
    """Adagrad."""
    return torch.optim.Adagrad(groups, lr=options.lr, initial_accumulator_value=options.initial)
