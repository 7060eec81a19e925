"""Pictures and captions in one space: each caption belongs to one picture (VSE++)."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import torch
from pydantic import Field
from torch import Tensor, nn

from core.records import Corpus
from core.sources import Source
from train.distinct import of_rows
from train.examples.pairs import Batch, Pairs
from train.examples.table import Tables
from train.examples.tokens import Tokens
from train.layers import Layers
from train.measured import Measured
from train.mixup import Mixup
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
from train.tasks._sides import Worded
from train.tasks._words import WordOptions, encoded_by_length, words_of

PARTS = {
    "image": ("train.encoders.image", "linear"),
    "text": ("train.encoders.text", "gru"),
    "loss": ("train.losses", "hinge"),
    "sampler": ("train.samplers", "pairs"),
}


class Sides(TypedDict):
    """The two encoders."""

    image: nn.Module
    text: nn.Module


class Options(WordOptions):
    """The options of the paired task."""

    layer: Layers = Field(
        "pooled",
        description="which layers are read, of each feature cache that has them: one, or several "
        "with a comma between",
    )
    embed_dim: int = Field(1024, ge=1, le=MOST_DIM, description="width of the joint space")
    each_picture: Literal["row", "once"] = Field(
        "row", description="a picture that stands in a batch twice is encoded twice, or once"
    )
    similarity: Literal["inner", "order"] = Field(
        "inner", description="inner product, or order violation of absolute vectors"
    )
    mixup: float = Field(
        0.0,
        ge=0,
        le=100,
        description="at a training visit both sides of a pair, once encoded, are mixed with "
        "another's by one share of Beta(mixup, mixup) a picture (task adapted mixes before); "
        "0: never",
    )


class Paired(Worded[Pairs]):
    """An image encoder and a text encoder.

    Attributes:
        image: features (B, crops, ...) of each source -> (B, D).
        text: tokens (B, T), lengths (B,) -> (B, D).
    """

    examples = Pairs
    gives = ("image", "caption", "image_id")

    def __init__(self, options: Options, measured: Measured, *, image: nn.Module, text: nn.Module):
        """Use ``build``."""
        super().__init__()
        self.image, self.text = image, text
        self.dim = options.embed_dim
        self._options, self._measured = options, measured
        self._max_tokens = options.max_tokens
        self.similarity = options.similarity

    def begin(self, data: Pairs) -> None:
        """Let each encoder measure its side of the training part, where it wants to."""
        prepare(self.image, data.features.blocks(EMBED_BATCH))
        prepare(self.text, data.tokens.blocks(EMBED_BATCH))

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """``image`` and ``caption`` (B, D), unit vectors, absolute under the similarity order;
        ``image_id`` (B,): the picture's row. With mixup a training visit scales them afterwards.
        """
        image, place = self._pictures(batch)
        caption = self.text(batch.tokens, batch.lengths)
        if self._mixes:
            return {"image": of_rows(image, place), "caption": caption, "image_id": batch.image}
        return {
            "image": of_rows(self._scaled(image), place),
            "caption": self._scaled(caption),
            "image_id": batch.image,
        }

    def _pictures(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """The pictures of a batch, encoded, and which of them each row is of."""
        each = self._options.each_picture
        return pictures(self.image, batch.features, batch.image, each)

    def over_batch(self, outputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """With mixup, what a training visit encoded, (B, D) a side, is mixed and scaled."""
        if not self._mixes:
            return outputs
        mixup = Mixup.draw(outputs["image_id"], self._options.mixup)
        mixed = {side: self._scaled(mixup.of(outputs[side])) for side in ("image", "caption")}
        return {**outputs, **mixed}

    @property
    def _mixes(self) -> bool:
        return self.training and self._options.mixup > 0

    def _scaled(self, vectors: Tensor) -> Tensor:
        return scaled(vectors, self._options.similarity)

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        return encoded(self.image, features.blocks(batch_size), self._device)

    def _captions(self, texts: Tokens, batch_size: int) -> Tensor:
        return encoded_by_length(self.text, texts, batch_size, self._device)

    @property
    def _device(self) -> torch.device:
        return next(self.parameters()).device


def sources(options: Options) -> dict[str, str]:
    """The pictures' features."""
    return {"image": options.layer}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes, and the words of the captions that are trained on."""
    words = words_of(part, sources, options)
    return Measured.of(part, sources, words=words)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> Paired:
    """The task; the weights come from torch's generator, the image side's first."""
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    both = sides(recipe, measured, list(measured.shapes.values()), options.embed_dim)
    return Paired(options, measured, **both)


def sides(recipe: Recipe, measured: Measured, shapes: Sequence[tuple[int, ...]], dim: int) -> Sides:
    """The encoders of pictures with these ``shapes`` of features, and of captions."""
    image = recipe.part("image").build(recipe.section("image"), shapes=shapes, dim=dim)
    text = recipe.part("text").build(recipe.section("text"), words=measured.vocabulary, dim=dim)
    return {"image": image, "text": text}
