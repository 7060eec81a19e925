"""What a loss says of where all vectors are alike: a method ``collapse`` of its class."""

from typing import NamedTuple

from torch import nn

from core.errors import SettingError
from train.summed import method_of

NAME = "collapse"
GENTLE = "-gentle"
"""Ends the name of a loss's gentle form; no name in a recipe has a dash."""


class Collapse(NamedTuple):
    """Where a loss stands still once it has made all vectors one, and the way back.

    ``value`` is what it has there, divided by how many numbers it sums; ``gentle`` takes the same
    outputs, gives the same kind of value, and compares with every negative.
    """

    value: float
    gentle: nn.Module


def collapse_of(name: str, loss: nn.Module) -> Collapse | None:
    """What ``loss``, which stands in the recipe as ``name``, says; None where it says nothing.

    Raises:
        SettingError: what it calls so is no method of its class, such as a layer.
    """
    method = method_of(name, loss, NAME, "what a loss is where all vectors are alike")
    told: Collapse | None = method() if method else None
    return told


def add_gentle(losses: nn.ModuleDict) -> None:
    """Put the gentle form of each loss that has one beside it; none owns weights of its own.

    Raises:
        SettingError: none has one.
    """
    told = {name: collapse_of(name, loss) for name, loss in losses.items()}
    found = {name + GENTLE: each.gentle for name, each in told.items() if each}
    if not found:
        raise SettingError(
            "guard = true: no loss of this recipe says where it collapses, as those of hard "
            "negatives do; leave it out, or choose one of them, such as loss=hinge"
        )
    losses.update(found)
