"""What a backbone says of itself, without its network: all that its features depend on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import PIL

from core.errors import SettingError
from extract.settings import SCORES, FeatureSettings
from extract.transform import Transform

if TYPE_CHECKING:
    from extract.backbone import Backbone

DECODER = f"pillow {PIL.__version__}"
EXIF = "orientation applied"


@dataclass(frozen=True)
class Stated:
    """The fields of a ``Backbone`` but for the module; they decide the key of a cache."""

    name: str
    weights: str
    sha256: str
    transform: Transform
    layers: dict[str, tuple[int, ...]]
    note: str = ""
    classifier: str = ""
    lacks: str = ""

    @staticmethod
    def of(backbone: "Backbone") -> "Stated":
        """What ``backbone`` says."""
        own = {name: getattr(backbone, name) for name in Stated.__dataclass_fields__}
        return Stated(**own)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Stated":
        """What ``to_json`` gave."""
        layers = {name: tuple(shape) for name, shape in values["layers"].items()}
        return Stated(
            **{**values, "transform": Transform.of(values["transform"]), "layers": layers}
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        layers = {name: list(shape) for name, shape in self.layers.items()}
        return {**vars(self), "transform": self.transform.facts(), "layers": layers}


def made_by(stated: "Stated | Backbone", settings: FeatureSettings) -> dict[str, Any]:
    """All that makes a feature but the picture, as JSON values: a cache's fields without corpus.

    Raises:
        SettingError: it has no such layer.
    """
    wanted = settings.canonical()
    for layer in wanted.layers:
        _require(stated, layer)
    own = {"own_weights": {SCORES: stated.classifier}} if SCORES in wanted.layers else {}
    return {
        "backbone": stated.name,
        "weights": stated.sha256,
        **own,
        "layers": {layer: list(stated.layers[layer]) for layer in wanted.layers},
        "transform": stated.transform.facts(),
        "crops": wanted.crops,
        "keep": wanted.keep,
        "dtype": wanted.dtype,
        "decoder": DECODER,
        "exif": EXIF,
    }


def _require(stated: "Stated | Backbone", layer: str) -> None:
    if layer not in stated.layers:
        why = f" ({stated.lacks})" if stated.lacks else ""
        there = " or ".join(f"--layer {name}" for name in stated.layers)
        raise SettingError(
            f"{stated.name} with {stated.weights} has no layer {layer!r}{why}; give {there}"
        )
