"""Correlation, cluster and semantic matching (Rasiwasia et al. 2010, 2014): solved, with labels.

Each side is projected to directions that are correlated with the other's, over the pairs of the
corpus (CCA) or over all pairs within a class (cluster CCA); or it says how likely each class is, by
a logistic regression of its own vectors (semantic matching) or of these projections (both).
"""

from collections.abc import Mapping
from typing import Any

import torch

from core.records import Corpus
from core.sources import TEXT, Source
from train.examples.pairs import Pairs
from train.examples.vectors import VectorPairs
from train.measured import Measured
from train.schema import Recipe
from train.task import Modules
from train.tasks._closed import Bagged, Vectored, refuse_grids
from train.tasks._labels import require_classes
from train.tasks._matching import Matched, MatchOptions
from train.tasks._sides import IMAGE, shapes_of
from train.tasks._words import words_of

PARTS: dict[str, tuple[str, str]] = {}


class Options(MatchOptions):
    """The options of the task."""


class MatchedVectors(Matched[VectorPairs], Vectored[VectorPairs]):
    """Matching of stored vectors on both sides."""

    examples = VectorPairs


class MatchedWords(Matched[Pairs], Bagged[Pairs]):
    """Matching of pictures and bags of words."""

    examples = Pairs

    def __init__(self, options: MatchOptions, measured: Measured, sizes: dict[str, int]):
        """Room for the solution, and for the weights of the words."""
        super().__init__(options, measured, sizes)
        self._max_tokens = options.max_tokens
        self.register_buffer("weight", torch.ones(sizes[TEXT]))

    def begin(self, data: Pairs) -> None:
        """Weigh the words, and solve."""
        self._weigh(data)
        super().begin(data)


def sources(options: Options) -> dict[str, str]:
    """The pictures' features, and the captions' stored vectors where these are read."""
    return {IMAGE: options.layer, **({TEXT: TEXT} if options.captions == "vectors" else {})}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes, the classes, and the words of the captions where these are read.

    Raises:
        InputError: there are fewer than two classes.
    """
    words = None
    if options.captions == "words":
        words = words_of(part, sources, options)
    return require_classes(Measured.of(part, sources, words=words), part)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> Matched[Any]:
    """The task, unsolved.

    Raises:
        SettingError: a layer is a grid.
    """
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    refuse_grids("matched", measured)
    widths = (sum(shape[-1] for shape in shapes_of(side, measured)) for side in (IMAGE, TEXT))
    sizes = dict(zip((IMAGE, TEXT), widths, strict=True))
    if options.captions == "vectors":
        return MatchedVectors(options, measured, sizes)
    return MatchedWords(options, measured, sizes | {TEXT: len(measured.vocabulary)})
