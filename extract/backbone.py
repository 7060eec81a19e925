"""A backbone: a network without its classifier, and all that its numbers depend on."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.errors import SettingError, choices
from extract.settings import LAYERS
from extract.transform import Transform


class Calls(NamedTuple):
    """How many crops one call of the trunk takes on a CPU, and how many maps one of the head.

    A trunk pays for large calls with page faults, a head for small ones, since it reads all of its
    weights at each.
    """

    trunk: int
    head: int

    @classmethod
    def both(cls, size: int) -> "Calls":
        """As many of each: the whole network in one call."""
        return cls(size, size)


USUAL = Calls.both(10)


class Network(nn.Module):
    """A network in two parts, always in eval mode and without gradients.

    ``trunk`` maps crops (N, 3, S, S) to the last feature map (N, D, H, W), ``head`` that map to
    one vector (N, D') a crop. ``calls`` is what is fast on a CPU.
    """

    def __init__(self, trunk: nn.Module, head: nn.Module, calls: Calls = USUAL):
        """Freeze both parts.

        Raises:
            SettingError: ``calls`` are none.
        """
        super().__init__()
        if not isinstance(calls, Calls) or min(calls) < 1:
            raise SettingError(f"calls is {calls!r}; give Calls of at least one crop and one map")
        self.calls = calls
        self.trunk = trunk
        self.head = head
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> "Network":
        """Stay in eval mode whatever ``mode`` says: dropout and batch statistics would differ."""
        super().train(False)
        return self

    def forward(self, crops: Tensor, layer: str) -> Tensor:
        """The features of one layer; what that layer does not need is not computed.

        Args:
            crops: (N, 3, S, S) float32, normalised as the weights ask for.
            layer: ``pooled`` or ``grid``.

        Returns:
            float32: ``pooled`` (N, D'), ``grid`` (N, H, W, D).

        Raises:
            SettingError: there is no such layer.
        """
        if layer not in LAYERS:
            raise SettingError(f"unknown layer {layer!r}: {choices(layer, LAYERS)}")
        maps = self.maps(crops)
        return self.vectors(maps) if layer == "pooled" else maps.permute(0, 2, 3, 1)

    def maps(self, crops: Tensor) -> Tensor:
        """The last feature maps (N, D, H, W) float32 of crops (N, 3, S, S)."""
        with torch.inference_mode():
            found: Tensor = self.trunk(crops)
            return found

    def vectors(self, maps: Tensor) -> Tensor:
        """One vector a map: (N, D') float32 of what ``maps`` gives."""
        with torch.inference_mode():
            found: Tensor = self.head(maps)
            return found


@dataclass(frozen=True)
class Backbone:
    """What stage one needs of a network.

    Attributes:
        name: torchvision's name of the model.
        weights: where the weights came from, for a person; it changes no number.
        sha256: the digest of every tensor that the features depend on.
        module: the network; call it with crops and a layer.
        transform: how a picture becomes crops; it belongs to the weights.
        layers: the shape of one crop's features, ``pooled`` (D,) and ``grid`` (H, W, D).
        note: which transform was taken where nothing tells, for a person; else empty.
    """

    name: str
    weights: str
    sha256: str
    module: Network
    transform: Transform
    layers: dict[str, tuple[int, ...]]
    note: str = ""
