"""Stochastic gradient descent with momentum, Nesterov's (Sutskever et al. 2013) or the plain."""

from typing import Self

import torch
from pydantic import Field, model_validator

from core.settings import Settings
from train.phases import Groups


class Options(Settings):
    """The options of SGD."""

    lr: float = Field(0.01, gt=0, description="learning rate")
    momentum: float = Field(0.9, ge=0, lt=1, description="share of the last step that goes on")
    nesterov: bool = Field(True, description="the gradient is taken where momentum leads")
    weight_decay: float = Field(0.0, ge=0, description="share of a weight added to its gradient")

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("momentum = 0 needs nesterov = false")
        return self


def build(options: Options, groups: Groups) -> torch.optim.Optimizer:
    """SGD."""
    return torch.optim.SGD(
        groups,
        lr=options.lr,
        momentum=options.momentum,
        nesterov=options.nesterov,
        weight_decay=options.weight_decay,
    )
