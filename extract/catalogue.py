"""Building a backbone by its name (see ``extract.families`` for which there are)."""

import torch
from torch import Tensor, nn
from torchvision.models import get_model

from core import plugins
from core.errors import InputError, SettingError
from extract.backbone import Backbone, Network
from extract.classifier import Lacking, classifier_tensors
from extract.families import PACKAGE
from extract.families import family as family_of
from extract.presets import chosen
from extract.transform import IMAGENET, Transform
from extract.weights import Weights, find_weights, needed_tensors, tensors_sha256
from extract.whose import of_another


def build(name: str, weights: str = "DEFAULT", transform: str | None = None) -> Backbone:
    """Build a backbone in eval mode on the CPU.

    Args:
        name: one of ``extract.families.names()``.
        weights: ``DEFAULT`` or another member of torchvision's enum (downloaded once), ``random``
            (seeded), or a file: .safetensors, .pth or .pt.
        transform: ``RESIZE:CROP`` or a member of the enum, in place of what belongs to the weights.

    Raises:
        SettingError: an unknown name, unknown weights, or a transform that cannot be.
        InputError: the weights cannot be fetched, read, or do not fit.
    """
    return assemble(name, weights, transform)[0]


def assemble(
    name: str, weights: str = "DEFAULT", transform: str | None = None
) -> tuple[Backbone, nn.Module]:
    """As ``build``, and torchvision's own model, with which the backbone shares its modules.

    What the weights do not have and the features do not need is on ``meta`` in it.
    """
    family = plugins.load(PACKAGE, family_of(name))
    make = getattr(family, "make", _make)
    usual: Transform = getattr(family, "transform", _transform)(name)
    found = find_weights(name, weights, make=make, usual=usual)
    if hasattr(family, "rename"):
        found.tensors = {family.rename(key): value for key, value in found.tensors.items()}
    if transform is not None:
        found.transform, found.note = chosen(name, transform, found.transform), ""
    with torch.device("meta"):
        model = make(name)
    module = family.cut(model)
    classifier, lacks = _classifier(found, model, module)
    layers = _shapes(name, module, found.transform.crop)
    try:
        needed = needed_tensors(found, model, nn.ModuleList([module.trunk, module.head]))
    except InputError as error:
        raise of_another(error, name, found.tensors) from None
    counters = {key: torch.tensor(0) for key in model.state_dict() if key.endswith("_tracked")}
    model.load_state_dict(needed | classifier | counters, strict=False, assign=True)
    module.requires_grad_(False)
    backbone = Backbone(
        *(name, found.name, tensors_sha256(needed), module, found.transform, layers, found.note),
        classifier="" if lacks else tensors_sha256(classifier),
        lacks=lacks,
    )
    return backbone, model


def _classifier(
    found: Weights, model: nn.Module, network: Network
) -> tuple[dict[str, Tensor], str]:
    """Its tensors; where there are none, why, and the network is left without it."""
    try:
        return classifier_tensors(found, model, network, found.transform.crop), ""
    except Lacking as why:
        network.classifier = None
        return {}, str(why)


def _shapes(name: str, network: Network, crop: int) -> dict[str, tuple[int, ...]]:
    """The shape of each layer of one crop, computed without numbers."""
    empty = torch.empty(1, 3, crop, crop, device="meta")
    try:
        found = network.several(empty, network.layers)
    except RuntimeError as error:
        raise SettingError(
            f"{name} cannot take crops of {crop} pixels; use a larger CROP in --transform"
        ) from error
    return {n: tuple(each.shape[1:]) for n, each in zip(network.layers, found, strict=True)}


def _make(name: str) -> nn.Module:
    model: nn.Module = get_model(name, weights=None)
    return model


def _transform(name: str) -> Transform:
    return IMAGENET
