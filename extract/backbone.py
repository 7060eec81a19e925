"""A backbone: a network in parts, and all that its numbers depend on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.errors import SettingError, choices
from extract.settings import LAYERS, SCORES, Layer
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
    """A network in parts, always in eval mode and without gradients.

    ``trunk`` maps crops (N, 3, S, S) to the last feature map (N, D, H, W), ``head`` that map to
    one vector (N, D') a crop, and ``classifier``, where there is one, what ``classifies`` names to
    scores (N, K): the vectors, or of ``grid`` the map (N, D, H, W). ``calls`` is what is fast on a
    CPU.
    """

    def __init__(
        self,
        trunk: nn.Module,
        head: nn.Module,
        calls: Calls = USUAL,
        *,
        classifier: nn.Module | None = None,
        classifies: Layer = "pooled",
    ):
        """Freeze all parts.

        Raises:
            SettingError: ``calls`` are none, or no classifier takes what ``classifies`` names.
        """
        super().__init__()
        if not isinstance(calls, Calls) or min(calls) < 1:
            raise SettingError(f"calls is {calls!r}; give Calls of at least one crop and one map")
        if classifies not in LAYERS or classifies == SCORES:
            raise SettingError(f"classifies is {classifies!r}; give 'pooled' or 'grid'")
        self.calls = calls
        self.trunk = trunk
        self.head = head
        self.classifier = classifier
        self.classifies = classifies
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> "Network":
        """Stay in eval mode whatever ``mode`` says: dropout and batch statistics would differ."""
        super().train(False)
        return self

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that it gives."""
        return tuple(name for name in LAYERS if name != SCORES or self.classifier is not None)

    def needs_head(self, layers: Sequence[str]) -> bool:
        """Whether ``layers`` follow from the vectors, or from the maps alone."""
        return "pooled" in layers or (SCORES in layers and self.classifies == "pooled")

    def forward(self, crops: Tensor, layer: str) -> Tensor:
        """The features of one layer; what that layer does not need is not computed.

        Args:
            crops: (N, 3, S, S) float32, normalised as the weights ask for.
            layer: one of ``layers``.

        Returns:
            float32: ``pooled`` (N, D'), ``grid`` (N, H, W, D), ``scores`` (N, K).

        Raises:
            SettingError: there is no such layer.
        """
        if layer not in self.layers:
            raise SettingError(f"unknown layer {layer!r}: {choices(layer, self.layers)}")
        return self.several(crops, (layer,))[0]

    def several(self, crops: Tensor, layers: Sequence[str]) -> tuple[Tensor, ...]:
        """Each of ``layers`` of crops (N, 3, S, S), as ``forward`` gives it, of one pass."""
        return self.of_maps(self.maps(crops), layers)

    def of_maps(self, maps: Tensor, layers: Sequence[str]) -> tuple[Tensor, ...]:
        """Each of ``layers`` of the maps (N, D, H, W), as ``forward`` gives it.

        What one of them takes the others find as it was: a part may write into what it is given.
        """
        own = torch.clone if len(layers) > 1 else _as_it_is
        found: dict[str, Tensor] = {}
        with torch.inference_mode():
            if "grid" in layers:
                found["grid"] = maps.permute(0, 2, 3, 1)
            if self.needs_head(layers):
                found["pooled"] = self.head(own(maps))
            if SCORES in layers and self.classifier is not None:
                taken = found["pooled"] if self.classifies == "pooled" else maps
                found[SCORES] = self.classifier(own(taken))
        return tuple(found[layer] for layer in layers)

    def maps(self, crops: Tensor) -> Tensor:
        """The last feature maps (N, D, H, W) float32 of crops (N, 3, S, S)."""
        with torch.inference_mode():
            found: Tensor = self.trunk(crops)
            return found


def _as_it_is(values: Tensor) -> Tensor:
    return values


@dataclass(frozen=True)
class Backbone:
    """What stage one needs of a network.

    Attributes:
        name: torchvision's name of the model.
        weights: where the weights came from, for a person; it changes no number.
        sha256: the digest of every tensor that ``pooled`` and ``grid`` depend on.
        module: the network; call it with crops and a layer.
        transform: how a picture becomes crops; it belongs to the weights.
        layers: the shape of one crop's features, ``pooled`` (D,), ``grid`` (H, W, D) and, where
            the network and its weights have a classifier, ``scores`` (K,).
        note: which transform was taken where nothing tells, for a person; else empty.
        classifier: the digest of the tensors that ``scores`` depend on besides; else empty.
        lacks: why there are no scores, for a person; else empty.
    """

    name: str
    weights: str
    sha256: str
    module: Network
    transform: Transform
    layers: dict[str, tuple[int, ...]]
    note: str = ""
    classifier: str = ""
    lacks: str = ""
