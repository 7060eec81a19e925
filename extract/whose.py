"""Whose weights are these? Asked where a backbone has been given those of another one."""

from collections.abc import Mapping
from functools import cache

import torch
from torch import Tensor
from torchvision.models import get_model

from core import plugins
from core.errors import InputError, SettingError, fault
from extract.families import PACKAGE, family, names

COUNTER = "num_batches_tracked"
Shapes = Mapping[str, tuple[int, ...]]


def whose(tensors: Mapping[str, Tensor]) -> list[str]:
    """The backbones that ``tensors`` are a state dict of, by names and shapes alone.

    The classifier and batch normalisation's counters may be missing. Each backbone is built without
    numbers: all together take two seconds.
    """
    shapes = _shapes(tensors)
    return [name for name in names() if _fits(name, shapes)]


def of_another(error: InputError, name: str, tensors: Mapping[str, Tensor]) -> InputError:
    """``error``, that ``tensors`` do not fit ``name``, and whose they are, if that is another's."""
    owners = whose(tensors)
    if not owners or name in owners:
        return error
    owner = " or ".join(owners)
    return InputError(
        f"{fault(error)}; they are {owner}'s: give --backbone {owner}, or weights of {name}"
    )


def _fits(name: str, shapes: Shapes) -> bool:
    try:
        plugin, known = plugins.load(PACKAGE, family(name)), _known(name)
    except SettingError:  # a family that is broken: of the others it says nothing
        return False
    rename = getattr(plugin, "rename", str)
    needed = {key for key in known if not key.startswith(f"{plugin.CLASSIFIER}.")}
    given = {rename(key): shape for key, shape in shapes.items()}
    return needed <= given.keys() and given.items() <= known.items()


@cache
def _known(name: str) -> Shapes:
    make = getattr(plugins.load(PACKAGE, family(name)), "make", None)
    with torch.device("meta"):
        model = make(name) if make else get_model(name, weights=None)
    return _shapes(model.state_dict())


def _shapes(tensors: Mapping[str, Tensor]) -> Shapes:
    return {key: tuple(value.shape) for key, value in tensors.items() if COUNTER not in key}
