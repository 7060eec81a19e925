"""Stage one's options: each with its default, its type and what it does."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from core.errors import SettingError
from core.settings import Settings
from core.several import Several, between_commas

RANDOM = "random"
SUFFIXES = (".safetensors", ".pth", ".pt")
"""``weights`` is the seeded ones, or with such an end the path of a file; else a name."""

SCORES = "scores"
Layer = Literal["pooled", "grid", "scores"]
LAYERS = get_args(Layer)
"""One vector a crop, the last feature map itself, and what the classifier says before a softmax."""

FREE = frozenset({"shard_size", "batch_size", "engine"})
"""The options that change no number beyond rounding; all others make another cache."""


class FeatureSettings(Settings):
    """Everything that a person chooses of stage one, but for the device."""

    backbone: str = Field(default="resnet152", description="Which CNN.")
    weights: str = Field(
        default="DEFAULT",
        description="DEFAULT or an enum name such as IMAGENET1K_V1 (fetched by torchvision), the "
        "path of a .safetensors or .pth state dict, or `random` (seeded).",
    )
    transform: str | None = Field(
        default=None,
        description="How pictures are resized and cut: RESIZE:CROP such as 232:224, or an enum "
        "name; by default as the weights ask for, 256:224 for a file that is not torchvision's.",
    )
    layer: Annotated[str, AfterValidator(Several(LAYERS))] = Field(
        default="pooled",
        description="One vector a crop, the last feature map itself, the classifier's output "
        "before a softmax; or several of them, with commas between, of one pass.",
    )
    crops: Literal[1, 2, 5, 10] = Field(
        default=10,
        description="Centre; it and its mirror image; four corners and centre; those five and "
        "their mirror images.",
    )
    keep: Literal["mean", "all"] = Field(
        default="mean", description="The mean over the crops, or every crop."
    )
    dtype: Literal["float32", "float16"] = Field(
        default="float32", description="Of the stored numbers."
    )
    shard_size: int = Field(
        default=1024, ge=1, description="Pictures a shard: what an interruption can cost."
    )
    batch_size: int | None = Field(
        default=None,
        ge=1,
        description="Crops a call of the network; by default what is fast for it on the device.",
    )
    engine: Literal["auto", "fused", "plain"] = Field(
        default="auto",
        description="What computes: on a CPU layers fused into fewer calls, or plain torch; other "
        "last digits of the same numbers.",
    )

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that ``layer`` names, in the alphabet's order."""
        return tuple(between_commas(self.layer))

    def canonical(self) -> "FeatureSettings":
        """The same numbers in one way of saying it: one crop is its own mean.

        Raises:
            SettingError: the mean of grids of several crops.
        """
        if self.crops == 1:
            return self.model_copy(update={"keep": "mean"})
        if "grid" in self.layers and self.keep == "mean":
            raise SettingError(
                f"the mean of {self.crops} grids means nothing: a position is another place in "
                "each crop; use --crops 1 or --keep all"
            )
        return self
