"""Canonical correlations of features and bags of words: solved at once, nothing is stepped.

The baseline of Gong et al. 2014: each side is projected to the directions that are correlated most,
scaled by a power of the correlations, and compared by the cosine.
"""

from collections.abc import Mapping

import torch
from pydantic import Field
from torch import Tensor

from core.records import Corpus
from core.sources import Source
from train.examples.pairs import Pairs
from train.layers import Layers
from train.measured import Measured
from train.moments import owned
from train.schema import Recipe
from train.task import Modules
from train.tasks._canonical import Canonical, CanonicalOptions
from train.tasks._closed import Bagged, refuse_grids
from train.tasks._words import WordOptions, words_of

PARTS: dict[str, tuple[str, str]] = {}


class Options(CanonicalOptions, WordOptions):
    """The options of the solution."""

    layer: Layers = Field(
        "pooled",
        description="which layers are read, of each feature cache that has them: one, or several "
        "with a comma between",
    )


class CCA(Canonical[Pairs], Bagged[Pairs]):
    """A mean and a linear map a side, and the weights of the words, as buffers."""

    examples = Pairs

    def __init__(self, options: Options, measured: Measured):
        """Room for the solution."""
        super().__init__()
        self._options, self._measured = options, measured
        self._max_tokens = options.max_tokens
        widths = [shape[-1] for shape in measured.shapes.values()]
        sizes = {"image": sum(widths), "text": len(measured.vocabulary)}
        self.dim = min(options.width, *sizes.values())
        self._room(sizes, self.dim)
        self.register_buffer("weight", torch.ones(sizes["text"]))

    def begin(self, data: Pairs) -> None:
        """Solve, each caption and its picture being one observation."""
        self._weigh(data)
        pairing = owned(torch.from_numpy(data.owner), len(data.features))
        self._solve(data, pairing, ridge=self._options.ridge, power=self._options.power)

    def _mapped(self, side: str, rows: Tensor) -> Tensor:
        return self._projected(side, rows)


def sources(options: Options) -> dict[str, str]:
    """The pictures' features."""
    return {"image": options.layer}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes, and the words of the captions that are trained on."""
    words = words_of(part, sources, options)
    return Measured.of(part, sources, words=words)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> CCA:
    """The task, unsolved.

    Raises:
        SettingError: the layer is a grid.
    """
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    refuse_grids("cca", measured)
    return CCA(options, measured)
