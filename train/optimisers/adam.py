"""Adam (Kingma and Ba 2015)."""

import torch
from pydantic import Field

from core.settings import Settings
from train.phases import Groups


class Options(Settings):
    """The options of Adam."""

    lr: float = Field(2e-4, gt=0, description="learning rate")
    beta1: float = Field(0.9, ge=0, lt=1, description="how long the mean gradient remembers")
    beta2: float = Field(0.999, ge=0, lt=1, description="how long the mean square remembers")


def build(options: Options, groups: Groups) -> torch.optim.Optimizer:
    """Adam, in one pass over each weight where the device can."""
    devices = {weight.device.type for group in groups for weight in group["params"]}
    betas = (options.beta1, options.beta2)
    return torch.optim.Adam(groups, lr=options.lr, betas=betas, fused=devices <= {"cpu", "cuda"})
