"""Adam (Kingma and Ba 2015) with its usual moments."""

import torch
from pydantic import Field

from core.settings import Settings
from train.phases import Groups


class Options(Settings):
    """The options of Adam."""

    lr: float = Field(2e-4, gt=0, description="learning rate")


def build(options: Options, groups: Groups) -> torch.optim.Optimizer:
    """Adam, in one pass over each weight where the device can."""
    devices = {weight.device.type for group in groups for weight in group["params"]}
    return torch.optim.Adam(groups, lr=options.lr, fused=devices <= {"cpu", "cuda"})
