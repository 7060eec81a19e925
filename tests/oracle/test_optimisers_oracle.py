"""Each optimiser against its papers' update of one number at a time, in float64."""

from math import sqrt

import pytest
import torch
from torch import nn

from core.errors import SettingError
from core.plugins import load
from train.recipe import resolve

GRADIENTS = [0.3, -1.2, 0.05, 2.0, 0.0, -0.4, 0.7]
BEGIN = 1.5


def adamw(o):
    weight, mean, square = BEGIN, 0.0, 0.0
    for step, gradient in enumerate(GRADIENTS, start=1):
        mean = o.beta1 * mean + (1 - o.beta1) * gradient
        square = o.beta2 * square + (1 - o.beta2) * gradient**2
        weight -= o.lr * o.weight_decay * weight
        weight -= o.lr * (mean / (1 - o.beta1**step)) / (sqrt(square / (1 - o.beta2**step)) + 1e-8)
    return weight


def sgd(o):
    weight, speed = BEGIN, 0.0
    for gradient in GRADIENTS:
        pull = gradient + o.weight_decay * weight
        speed = o.momentum * speed + pull
        weight -= o.lr * (pull + o.momentum * speed if o.nesterov else speed)
    return weight


def rmsprop(o):
    weight, square, speed = BEGIN, 0.0, 0.0
    for gradient in GRADIENTS:
        square = o.alpha * square + (1 - o.alpha) * gradient**2
        speed = o.momentum * speed + gradient / (sqrt(square) + 1e-8)
        weight -= o.lr * speed
    return weight


def adagrad(o):
    weight, total = BEGIN, o.initial
    for gradient in GRADIENTS:
        total += gradient**2
        weight -= o.lr * gradient / (sqrt(total) + 1e-10)
    return weight


CASES = [
    (adamw, {}),
    (adamw, {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "weight_decay": 0.3}),
    (sgd, {}),
    (sgd, {"nesterov": False, "weight_decay": 0.1}),
    (sgd, {"momentum": 0.0, "nesterov": False}),
    (rmsprop, {}),
    (rmsprop, {"lr": 0.1, "alpha": 0.5, "momentum": 0.7}),
    (adagrad, {}),
    (adagrad, {"lr": 0.5, "initial": 0.1}),
]


@pytest.mark.parametrize(("formula", "given"), CASES)
def test_equals_the_update_by_hand(formula, given):
    plugin = load("train.optimisers", formula.__name__)
    options = plugin.Options(**given)
    weight = nn.Parameter(torch.tensor(BEGIN, dtype=torch.float64))
    optimiser = plugin.build(options, [{"params": [weight]}])
    for gradient in GRADIENTS:
        weight.grad = torch.tensor(gradient, dtype=torch.float64)
        optimiser.step()
    assert weight.item() == pytest.approx(formula(options), abs=1e-12)


def test_nesterov_without_momentum_is_refused():
    with pytest.raises(SettingError, match=r"momentum = 0 needs nesterov = false"):
        resolve({"optimiser": {"name": "sgd", "momentum": 0}})
