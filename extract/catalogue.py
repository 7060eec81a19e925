"""The one door to the backbones: which there are, and building one by its name."""

from types import ModuleType

import torch
from torch import nn
from torchvision.models import get_model

from core import plugins
from core.errors import SettingError, choices
from extract.backbone import LAYERS, Backbone
from extract.images import IMAGENET, Transform
from extract.weights import find_weights, needed_tensors, tensors_sha256

_FAMILIES = "extract.backbones"


def names() -> list[str]:
    """The backbones that ``build`` knows, sorted."""
    return sorted(name for family in _families() for name in family.NAMES)


def build(name: str, weights: str = "DEFAULT") -> Backbone:
    """Build a backbone in eval mode on the CPU.

    Args:
        name: one of ``names()``.
        weights: ``DEFAULT`` or another member of torchvision's enum (downloaded once), ``random``
            (seeded), or a file: .safetensors, .pth or .pt.

    Raises:
        SettingError: an unknown name, or unknown weights.
        InputError: the weights cannot be fetched, read, or do not fit.
    """
    family = _family(name)
    make = getattr(family, "make", _make)
    usual: Transform = getattr(family, "transform", _transform)(name)
    found = find_weights(name, weights, make=make, usual=usual)
    if hasattr(family, "rename"):
        found.tensors = {family.rename(key): value for key, value in found.tensors.items()}
    with torch.device("meta"):
        model = make(name)
        crop = torch.empty(1, 3, found.transform.crop, found.transform.crop)
    module = family.cut(model)
    layers = {layer: tuple(module(crop, layer).shape[1:]) for layer in LAYERS}
    needed = needed_tensors(found, model, module)
    counters = {key: torch.tensor(0) for key in model.state_dict() if key.endswith("_tracked")}
    model.load_state_dict(needed | counters, strict=False, assign=True)
    module.requires_grad_(False)
    return Backbone(name, found.name, tensors_sha256(needed), module, found.transform, layers)


def _make(name: str) -> nn.Module:
    model: nn.Module = get_model(name, weights=None)
    return model


def _transform(name: str) -> Transform:
    return IMAGENET


def _families() -> list[ModuleType]:
    return [plugins.load(_FAMILIES, family) for family in plugins.names(_FAMILIES)]


def _family(name: str) -> ModuleType:
    family = next((family for family in _families() if name in family.NAMES), None)
    if family is None:
        raise SettingError(f"unknown backbone {name!r}: {choices(name, names())}")
    return family
