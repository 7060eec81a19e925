"""The one door to the backbones; one file a family.

A family file holds ``NAMES`` (torchvision's own), ``CLASSIFIER`` (the prefix of the weights that no
feature needs), ``cut(model) -> Network``, and, where old files use other words, ``rename(key)``.
"""

from types import ModuleType

import torch
from torchvision.models import get_model

from core.errors import SettingError, choices
from core.plugins import load
from core.plugins import names as family_names
from extract.backbone import LAYERS, Backbone
from extract.weights import find_weights, needed_tensors, tensors_sha256


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
    family = next((family for family in _families() if name in family.NAMES), None)
    if family is None:
        raise SettingError(f"unknown backbone {name!r}: {choices(name, names())}")
    found = find_weights(name, weights)
    if hasattr(family, "rename"):
        found.tensors = {family.rename(key): value for key, value in found.tensors.items()}
    with torch.device("meta"):
        model = get_model(name, weights=None)
        crop = torch.empty(1, 3, found.transform.crop, found.transform.crop)
    module = family.cut(model)
    layers = {layer: tuple(module(crop, layer).shape[1:]) for layer in LAYERS}
    needed = needed_tensors(found, model, family.CLASSIFIER)
    counters = {key: torch.tensor(0) for key in model.state_dict() if key.endswith("_tracked")}
    model.load_state_dict(needed | counters, strict=False, assign=True)
    module.requires_grad_(False)
    return Backbone(name, found.name, tensors_sha256(needed), module, found.transform, layers)


def _families() -> list[ModuleType]:
    return [load(__name__, family) for family in family_names(__name__)]
