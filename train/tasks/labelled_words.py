"""Pictures and captions as words, with labels: DSCMR and MRL, their text a network too."""

from collections.abc import Mapping

from torch import Tensor, nn

from core.records import Corpus
from core.sources import Source
from train.examples.classed import LabelledBatch, LabelledPairs
from train.examples.tokens import Tokens
from train.measured import Measured
from train.schema import Recipe
from train.task import Modules
from train.tasks._classes import ByLabels, NetworkOptions, outputs
from train.tasks._labels import require_classes
from train.tasks._sides import IMAGE, Worded
from train.tasks._words import WordOptions, encoded_by_length, words_of

PARTS = {
    IMAGE: ("train.encoders.image", "linear"),
    "text": ("train.encoders.text", "cnn"),
    "loss": ("train.losses", "dscmr"),
    "sampler": ("train.samplers", "pairs"),
}


class Options(WordOptions, NetworkOptions):
    """The options of the task of labelled pictures and sentences."""


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

    def forward(self, batch: LabelledBatch) -> dict[str, Tensor]:
        """Vectors (B, D), unit ones too, and classes (B, C): see ``train.tasks._classes``."""
        features, tokens, lengths, image_id = batch.pairs
        hidden = self.image(*features), self.text(tokens, lengths)
        return outputs(self.shared, *hidden, image_id, batch.label)

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
    words = words_of(part, sources, options)
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
