"""Pictures and captions as stored vectors in one space: an adapter a side (FuseMix)."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import Field
from torch import Tensor, nn

from core.records import Corpus
from core.settings import Settings
from core.sources import TEXT, Rows, Source
from train.distinct import of_rows
from train.examples.table import Tables
from train.examples.vectors import VectorBatch, VectorPairs
from train.halves import mixed_ids, mixer
from train.layers import Layers
from train.measured import Measured
from train.schema import Recipe
from train.task import Modules
from train.tasks._embedding import (
    EMBED_BATCH,
    MOST_DIM,
    encoded,
    pictures,
    prepare,
    scaled,
)
from train.tasks._sides import IMAGE, Stored, encoders

PARTS = {
    IMAGE: ("train.encoders.image", "adapter"),
    TEXT: ("train.encoders.image", "adapter"),
    "loss": ("train.losses", "infonce"),
    "sampler": ("train.samplers", "pairs"),
}


class Options(Settings):
    """The options of the task of stored vectors."""

    layer: Layers = Field(
        "pooled",
        description="which layers of pictures are read, of each feature cache that has them: one, "
        "or several with a comma between",
    )
    embed_dim: int = Field(512, ge=1, le=MOST_DIM, description="width of the joint space")
    each_picture: Literal["row", "once"] = Field(
        "row", description="a picture that stands in a batch twice is encoded twice, or once"
    )
    mixup: float = Field(
        0.0,
        ge=0,
        le=100,
        description="in training the halves of a batch are mixed before they are encoded, by one "
        "share of Beta(mixup, mixup) a batch (task paired mixes after); 0: never",
    )


class Adapted(Stored[VectorPairs]):
    """An encoder of vectors a side.

    Attributes:
        image: features (B, crops, ...) of each source of pictures -> (B, D).
        text: vectors (B, 1, F) of each source of captions -> (B, D).
    """

    examples = VectorPairs
    gives = ("image", "caption", "image_id")

    def __init__(self, options: Options, measured: Measured, *, image: nn.Module, text: nn.Module):
        """Use ``build``."""
        super().__init__()
        self.image, self.text = image, text
        self.dim = options.embed_dim
        self._options, self._measured = options, measured

    def begin(self, data: VectorPairs) -> None:
        """Let each encoder measure its side of the training part, where it wants to."""
        prepare(self.image, data.features.blocks(EMBED_BATCH))
        prepare(self.text, data.texts.blocks(EMBED_BATCH))

    def forward(self, batch: VectorBatch) -> dict[str, Tensor]:
        """``image`` and ``caption`` (B, D), unit vectors; ``image_id`` (B,): the picture's row.

        With mixup a training visit has half as many rows, each of two examples.
        """
        features, texts, image = batch
        if self._mixes and len(image) > 1:
            mixed = mixer(len(image), self._options.mixup)
            features, texts = (tuple(map(mixed, side)) for side in (features, texts))
            image = mixed_ids(image)
        encoded_once, place = pictures(self.image, features, image, self._options.each_picture)
        return {
            "image": of_rows(scaled(encoded_once, "inner"), place),
            "caption": scaled(self.text(*texts), "inner"),
            "image_id": image,
        }

    def units(self, rows: Rows) -> Rows:
        """With mixup the two examples of each row that is encoded."""
        half = len(rows) // 2
        if not (self._mixes and half):
            return super().units(rows)
        return np.stack([rows[:half], rows[half : 2 * half]], axis=1)

    @property
    def _mixes(self) -> bool:
        return self.training and self._options.mixup > 0

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        return encoded(self.image, features.blocks(batch_size), next(self.parameters()).device)

    def _captions(self, texts: Tables, batch_size: int) -> Tensor:
        return encoded(self.text, texts.blocks(batch_size), next(self.parameters()).device)


def sources(options: Options) -> dict[str, str]:
    """The pictures' features, and the captions' stored vectors."""
    return {IMAGE: options.layer, TEXT: TEXT}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes; no word is read."""
    del options
    return Measured.of(part, sources)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> Adapted:
    """The task; the weights come from torch's generator, the image side's first."""
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    image, text = encoders(recipe, measured, options.embed_dim)
    return Adapted(options, measured, image=image, text=text)
