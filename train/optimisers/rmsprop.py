"""RMSprop (Tieleman and Hinton 2012): the gradient over the root of its mean square."""

import torch
from pydantic import Field

from core.settings import Settings
from train.phases import Groups


class Options(Settings):
    """The options of RMSprop."""

    lr: float = Field(2e-4, gt=0, description="learning rate")
    alpha: float = Field(0.99, ge=0, lt=1, description="how long the mean square remembers")
    momentum: float = Field(0.0, ge=0, lt=1, description="share of the last step that goes on")


def build(options: Options, groups: Groups) -> torch.optim.Optimizer:
    """RMSprop."""
    return torch.optim.RMSprop(
        groups, lr=options.lr, alpha=options.alpha, momentum=options.momentum
    )
