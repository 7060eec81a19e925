"""Steps down the gradient, with momentum."""

import torch
from pydantic import Field

from core.settings import Settings


class Options(Settings):
    """The options of the steps."""

    lr: float = Field(0.1, gt=0, description="learning rate")
    momentum: float = Field(0.9, ge=0, lt=1, description="share of the last step that is kept")


def build(options, groups):
    return torch.optim.SGD(groups, lr=options.lr, momentum=options.momentum)
