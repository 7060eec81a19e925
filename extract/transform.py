"""From a picture to crops, as numbers: what belongs to the weights of a network."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Transform:
    """From a picture to crops: shorter side to ``resize``, crops of ``crop``, then normalise."""

    resize: int
    crop: int
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def facts(self) -> dict[str, Any]:
        """As JSON values, equal to those that a JSON file gives back."""
        return {**asdict(self), "mean": list(self.mean), "std": list(self.std)}

    @staticmethod
    def of(facts: dict[str, Any]) -> "Transform":
        """What ``facts`` gave."""
        return Transform(**{**facts, "mean": tuple(facts["mean"]), "std": tuple(facts["std"])})


IMAGENET = Transform(256, 224, "bilinear", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
