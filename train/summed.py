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
    if not hasattr(loss, NAME):
        return None
    if NAME not in vars(loss) and isroutine(getattr(type(loss), NAME, None)):
        method: Callable[..., Any] = getattr(loss, NAME)
        return method
    kind = type(getattr(loss, NAME)).__name__
    raise SettingError(
        f"loss.{name} has {NAME} = {kind}, and that name is the method's that says how many "
        "numbers a loss sums; call it otherwise"
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
