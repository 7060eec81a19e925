"""Pictures and captions as words, with labels: DSCMR and MRL, their text a network too."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from core.records import Corpus
from core.sources import Source
from train.examples.classed import LabelledBatch, LabelledPairs
from train.examples.table import Tables
from train.examples.tokens import Tokens
from train.measured import Measured
from train.schema import Recipe
from train.task import Modules
from train.tasks._classes import ByLabels, LabelOptions, outputs
from train.tasks._embedding import EMBED_BATCH, encoded, prepare
from train.tasks._labels import require_classes
from train.tasks._sides import IMAGE, Worded
from train.tasks._words import encoded_by_length, words_of

PARTS = {
    IMAGE: ("train.encoders.image", "linear"),
    "text": ("train.encoders.text", "cnn"),
    "loss": ("train.losses", "dscmr"),
    "sampler": ("train.samplers", "pairs"),
}


class Options(LabelOptions):
    """The options of the task of labelled pictures and sentences."""

    min_count: int = Field(
        4, ge=1, description="rarer training words are unknown; pairs must occur once more"
    )
    split: Literal["words", "bag"] = Field(
        "words", description="captions are words in order, or a bag of words, stems and pairs"
    )
    max_tokens: int = Field(256, ge=1, description="longer captions are cut to so many words")


class LabelledWords(ByLabels[LabelledPairs], Worded[LabelledPairs]):
    """An image encoder and a text encoder, and layers that both share.

    Attributes:
        image: features (B, crops, ...) of each source -> (B, H).
        text: tokens (B, T), lengths (B,) -> (B, H).
        shared: (B, H) -> (B, D), and the classes.
    """

    examples = LabelledPairs

    def __init__(self, options: Options, measured: Measured, *, image: nn.Module, text: nn.Module):
        """Use ``build``."""
        super().__init__(options, measured, image=image, text=text)
        self._max_tokens = options.max_tokens

    def begin(self, data: LabelledPairs) -> None:
        """Let each encoder measure its side of the training part, where it wants to."""
        prepare(self.image, data.features.blocks(EMBED_BATCH))
        prepare(self.text, data.tokens.blocks(EMBED_BATCH))

    def forward(self, batch: LabelledBatch) -> dict[str, Tensor]:
        """Vectors (B, D), unit ones too, and classes (B, C): see ``train.tasks._classes``."""
        features, tokens, lengths, image_id = batch.pairs
        hidden = self.image(*features), self.text(tokens, lengths)
        return outputs(self.shared, *hidden, image_id, batch.label)

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        image = self.shared.behind(self.image)
        return encoded(image, features.blocks(batch_size), self._device)

    def _captions(self, texts: Tokens, batch_size: int) -> Tensor:
        return encoded_by_length(self.shared.behind(self.text), texts, batch_size, self._device)


def sources(options: Options) -> dict[str, str]:
    """The pictures' features."""
    return {IMAGE: options.layer}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes, the classes, and the words of the captions that are trained on.

    Raises:
        InputError: there are fewer than two classes.
    """
    words = words_of(part, sources, min_count=options.min_count, split=options.split)
    return require_classes(Measured.of(part, sources, words=words), part)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> LabelledWords:
    """The task; the weights come from torch's generator, the image side's first."""
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    shapes = list(measured.shapes.values())
    image = recipe.part(IMAGE).build(recipe.section(IMAGE), shapes=shapes, dim=options.width)
    words = {"words": measured.vocabulary, "dim": options.width}
    text = recipe.part("text").build(recipe.section("text"), **words)
    return LabelledWords(options, measured, image=image, text=text)
