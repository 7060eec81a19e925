"""torchvision's own models with the weights they would download, and what they do with crops.

``get_model(name, weights="DEFAULT")`` sets more than weights: GoogLeNet's and Inception's
``transform_input``, for one. So the reference is what that call builds; a drawn checkpoint takes
the place of the file that it would fetch.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import WeightsEnum, get_model


class Way(NamedTuple):
    """What a model does with crops.

    ``maps`` are all maps (N, D, H, W) on the way to the classifier, ``taken`` is what the
    classifier takes, ``logits`` (N, classes) is what comes out.
    """

    maps: list[Tensor]
    taken: Tensor
    logits: Tensor


def with_checkpoint(name: str) -> tuple[nn.Module, dict[str, Tensor]]:
    """The model in eval mode with drawn weights, and the file that they would have come from."""
    file: dict[str, Tensor] = {}
    load = nn.Module.load_state_dict

    def fill(model: nn.Module, *args: Any, **kwargs: Any) -> object:
        file.update(_drawn(model.state_dict()))
        # what reads the file may change its tensors: the model keeps its own
        copies = {key: tensor.clone() for key, tensor in file.items()}
        return load(model, copies, assign=True)

    return _pretrained(name, fill), file


def outline(name: str, classifier: str, size: int) -> tuple[Way, float]:
    """The way of one crop of ``size`` on the meta device, and its floating-point operations."""
    model = _pretrained(name, lambda *args, **kwargs: None)
    with FlopCounterMode(display=False) as counter:
        way = follow(model, classifier, torch.empty(1, 3, size, size, device="meta"))
    return way, counter.get_total_flops()


def follow(model: nn.Module, classifier: str, crops: Tensor) -> Way:
    """Run the model on crops (N, 3, S, S) and watch its modules."""
    maps: list[Tensor] = []
    taken: list[Tensor] = []

    def leave(module: nn.Module, args: Any, found: Any) -> None:
        if not taken and isinstance(found, Tensor) and found.dim() == 4:
            maps.append(found)

    hooks = [module.register_forward_hook(leave) for module in model.modules()]
    last = model.get_submodule(classifier)
    hooks.append(last.register_forward_pre_hook(lambda module, args: taken.append(args[0])))
    logits = model(crops)
    for hook in hooks:
        hook.remove()
    assert len(taken) == 1, f"{classifier} is called {len(taken)} times"
    return Way(maps, taken[0], logits)


def put_back(model: nn.Module, classifier: str, features: Tensor, crops: Tensor) -> Tensor:
    """The model's logits of crops where its classifier takes ``features`` instead."""
    last = model.get_submodule(classifier)
    hook = last.register_forward_pre_hook(lambda module, args: (features,))
    logits: Tensor = model(crops)
    hook.remove()
    return logits


def _pretrained(name: str, load: Callable[..., Any]) -> nn.Module:
    with pytest.MonkeyPatch.context() as patch, torch.device("meta"):
        patch.setattr(WeightsEnum, "get_state_dict", lambda *args, **kwargs: {})
        patch.setattr(nn.Module, "load_state_dict", load)
        for each in [each for each in vars(nn.init) if each.endswith("_") and each[0] != "_"]:
            patch.setattr(nn.init, each, lambda tensor, *args, **kwargs: tensor)  # fills nothing
        model: nn.Module = get_model(name, weights="DEFAULT")
    return model.eval().requires_grad_(False)


def _drawn(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights that keep the scale; statistics and affine maps of normalisations far from 0 and 1.

    Fresh ones would hide which normalisation is where, and of which statistics.
    """
    generator = torch.Generator("cpu").manual_seed(0)

    def draw(key: str, shape: torch.Size) -> Tensor:
        noise = torch.empty(shape, device="cpu").normal_(generator=generator)
        if len(shape) > 1:
            return noise.mul_(math.sqrt(2 / shape[1:].numel()))
        noise.mul_(0.2)
        return noise.exp_() if key.endswith(("weight", "running_var")) else noise

    return {
        key: draw(key, tensor.shape)
        if tensor.is_floating_point()
        else torch.zeros(tensor.shape, dtype=tensor.dtype, device="cpu")
        for key, tensor in state.items()
    }
