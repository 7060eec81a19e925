"""AdamW (Loshchilov and Hutter 2019): Adam whose weights decay apart from the gradient."""

import torch
from pydantic import Field

from core.settings import Settings
from train.phases import Groups


class Options(Settings):
    """The options of AdamW."""

    lr: float = Field(5e-4, gt=0, description="learning rate")
    beta1: float = Field(0.9, ge=0, lt=1, description="how long the mean gradient remembers")
    beta2: float = Field(0.999, ge=0, lt=1, description="how long the mean square remembers")
    weight_decay: float = Field(
        1e-4, ge=0, description="share of a weight that a step takes away, times lr"
    )


def build(options: Options, groups: Groups) -> torch.optim.Optimizer:
    """AdamW, in one pass over each weight where the device can."""
    devices = {weight.device.type for group in groups for weight in group["params"]}
    return torch.optim.AdamW(
        groups,
        lr=options.lr,
        betas=(options.beta1, options.beta2),
        weight_decay=options.weight_decay,
        fused=devices <= {"cpu", "cuda"},
    )
