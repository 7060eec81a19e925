"""Whether a loss says how many numbers its scalar sums: a method ``summed`` of its class."""

from collections.abc import Callable
from inspect import isroutine
from typing import Any

from torch import Tensor, nn

from core.errors import SettingError

NAME = "summed"


def summed_of(name: str, loss: nn.Module) -> Callable[..., Any] | None:
    """The method of ``loss``, which stands in the recipe as ``name``; None where it has none.

    Raises:
        SettingError: what it calls so is no method of its class, such as a layer.
    """
    return method_of(name, loss, NAME, "how many numbers a loss sums")


def method_of(name: str, loss: nn.Module, method: str, says: str) -> Callable[..., Any] | None:
    """The method of ``loss`` that says something of it, such as ``summed``; None without one.

    Raises:
        SettingError: what it calls so is no method of its class, such as a layer.
    """
    if not hasattr(loss, method):
        return None
    if method not in vars(loss) and isroutine(getattr(type(loss), method, None)):
        found: Callable[..., Any] = getattr(loss, method)
        return found
    kind = type(getattr(loss, method)).__name__
    raise SettingError(
        f"loss.{name} has {method} = {kind}, and that name is the method's that says {says}; "
        "call it otherwise"
    )


def require_scalar(name: str, value: Tensor) -> None:
    """Refuse a cost an example of a loss that has ``summed``: nothing of it is a sum.

    Raises:
        SettingError: ``value`` has more than its one number.
    """
    if value.ndim:
        raise SettingError(
            f"loss.{name} gives a cost an example, {tuple(value.shape)}, and has {NAME}, which "
            f"is of a scalar that is a sum; take {NAME} out of it"
        )
