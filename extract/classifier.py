"""The classifier: a family may name one, and weights may hold one, of any number of classes."""

import torch
from torch import Tensor, nn

from extract.backbone import Network
from extract.settings import SCORES
from extract.weights import Weights, is_finite


class Lacking(Exception):
    """There are no scores; the message is the reason."""


def classifier_tensors(
    weights: Weights, model: nn.Module, network: Network, crop: int
) -> dict[str, Tensor]:
    """The tensors that the scores depend on besides, as float32; the classifier takes their shapes.

    Args:
        weights: what was loaded, of another number of classes than torchvision's perhaps.
        model: torchvision's model, on the meta device.
        network: of ``model``; it shares its modules.
        crop: S of the crops.

    Raises:
        Lacking: the family names no classifier, or the weights hold none that fits.
    """
    if network.classifier is None:
        raise Lacking("its family names no classifier")
    used = {id(tensor) for tensor in network.classifier.state_dict(keep_vars=True).values()}
    keys = [key for key, own in model.state_dict(keep_vars=True).items() if id(own) in used]
    missing = next((key for key in keys if key not in weights.tensors), None)
    if missing:
        raise Lacking(f"its weights hold no {missing!r}")
    tensors = {key: weights.tensors[key].detach().float().contiguous() for key in sorted(keys)}
    odd = next((key for key, values in tensors.items() if not is_finite(values)), None)
    if odd:
        raise Lacking(f"{odd!r} of its weights holds values that are not finite")
    for key, values in tensors.items():
        _resize(model, key, values.shape)
    try:
        network(torch.empty(1, 3, crop, crop, device="meta"), SCORES)
    except RuntimeError:
        shapes = ", ".join(f"{key} {list(values.shape)}" for key, values in tensors.items())
        raise Lacking(f"its weights hold another classifier: {shapes}") from None
    return tensors


def _resize(model: nn.Module, key: str, shape: torch.Size) -> None:
    """Give the tensor ``key`` of ``model`` another shape, without numbers."""
    path, _, name = key.rpartition(".")
    owner = model.get_submodule(path)
    own = getattr(owner, name)
    if own.shape != shape:
        empty = torch.empty(shape, device="meta")
        is_learned = isinstance(own, nn.Parameter)
        setattr(owner, name, nn.Parameter(empty, requires_grad=False) if is_learned else empty)
