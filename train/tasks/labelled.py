"""Stored vectors of both sides, with labels: DSCMR (Zhen et al. 2019), MRL (Hu et al. 2021)."""

from collections.abc import Mapping

from torch import Tensor

from core.records import Corpus
from core.sources import TEXT, Source
from train.examples.classed import LabelledBatch, LabelledVectors
from train.examples.table import Tables
from train.measured import Measured
from train.schema import Recipe
from train.task import Modules
from train.tasks._classes import ByLabels, NetworkOptions, outputs
from train.tasks._embedding import encoded
from train.tasks._labels import require_classes
from train.tasks._sides import IMAGE, Stored, encoders

PARTS = {
    IMAGE: ("train.encoders.image", "linear"),
    TEXT: ("train.encoders.image", "linear"),
    "loss": ("train.losses", "dscmr"),
    "sampler": ("train.samplers", "pairs"),
}


class Options(NetworkOptions):
    """The options of the task of labelled vectors."""


class Labelled(ByLabels[LabelledVectors], Stored[LabelledVectors]):
    """An encoder a side, and layers that both share.

    Attributes:
        image: features (B, crops, ...) of each source of pictures -> (B, H).
        text: vectors (B, 1, F) of each source of captions -> (B, H).
        shared: (B, H) -> (B, D), and the classes.
    """

    examples = LabelledVectors

    def forward(self, batch: LabelledBatch) -> dict[str, Tensor]:
        """Vectors (B, D), unit ones too, and classes (B, C): see ``train.tasks._classes``."""
        features, texts, image_id = batch.pairs
        hidden = self.image(*features), self.text(*texts)
        return outputs(self.shared, *hidden, image_id, batch.label)

    def _captions(self, texts: Tables, batch_size: int) -> Tensor:
        text = self.shared.behind(self.text)
        return encoded(text, texts.blocks(batch_size), self._device)


def sources(options: Options) -> dict[str, str]:
    """The pictures' features, and the captions' stored vectors."""
    return {IMAGE: options.layer, TEXT: TEXT}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes and the classes; no word is read.

    Raises:
        InputError: there are fewer than two classes.
    """
    del options
    return require_classes(Measured.of(part, sources), part)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> Labelled:
    """The task; the weights come from torch's generator, the image side's first."""
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    image, text = encoders(recipe, measured, options.width)
    return Labelled(options, measured, image=image, text=text)
