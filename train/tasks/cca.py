"""Canonical correlations of features and bags of words: solved at once, nothing is stepped.

The baseline of Gong et al. 2014: each side is projected to the directions that are correlated most,
scaled by a power of the correlations, and compared by the cosine.
"""

from collections.abc import Mapping
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import normalize

from core.errors import SettingError
from core.records import Corpus
from core.settings import Settings
from core.sources import Source
from core.text import END, PAD, START
from train.canonical import canonical_correlations
from train.examples.pairs import Pairs
from train.examples.table import Tables
from train.examples.tokens import Tokens
from train.idf import inverse_frequency
from train.inside import within
from train.layers import Layers
from train.measured import Measured
from train.schema import Recipe
from train.task import Modules
from train.tasks._sides import Worded
from train.tasks._words import words_of

PARTS: dict[str, tuple[str, str]] = {}
BLOCK = 256


class Options(Settings):
    """The options of the solution."""

    layer: Layers = Field(
        "pooled",
        description="which layers are read, of each feature cache that has them: one, or several "
        "with a comma between",
    )
    width: int = Field(256, ge=1, description="so many of the largest correlations, or fewer")
    ridge: float = Field(0.1, gt=0, description="added to the variances, as a share of their mean")
    power: float = Field(
        4.0, ge=0, description="of the correlation, with which each direction is scaled"
    )
    min_count: int = Field(
        4, ge=1, description="rarer training words are unknown; pairs must occur once more"
    )
    split: Literal["words", "bag"] = Field(
        "words", description="captions are words, or words, stems and pairs"
    )
    max_tokens: int = Field(256, ge=1, description="longer captions are cut to so many words")


class CCA(Worded[Pairs]):
    """A mean and a linear map a side, and the weights of the words, as buffers."""

    image_mean: Tensor
    image_map: Tensor
    text_mean: Tensor
    text_map: Tensor
    weight: Tensor

    def __init__(self, options: Options, measured: Measured):
        """Room for the solution."""
        super().__init__()
        self._options, self._measured = options, measured
        self._max_tokens = options.max_tokens
        widths = [shape[-1] for shape in measured.shapes.values()]
        sizes = {"image": sum(widths), "text": len(measured.vocabulary)}
        self.dim = min(options.width, *sizes.values())
        for side, size in sizes.items():
            self.register_buffer(f"{side}_mean", torch.zeros(size))
            self.register_buffer(f"{side}_map", torch.zeros(size, self.dim))
        self.register_buffer("weight", torch.ones(sizes["text"]))

    def read(self, part: Corpus, sources: Mapping[str, Source]) -> Pairs:
        """Join the captions of a part to the features of their pictures."""
        return Pairs(
            part,
            self._image_sources(sources),
            self._measured.vocabulary,
            classes=self._measured.classes,
            max_tokens=self._max_tokens,
        )

    def begin(self, data: Pairs) -> None:
        """Solve, each caption and its picture being one observation."""
        weight = inverse_frequency(data.tokens.blocks(BLOCK), len(self.weight))
        self.weight.copy_(weight.index_fill(0, torch.tensor([PAD, START, END]), 0))
        means, moments = self._moments(data)
        found = canonical_correlations(*moments, width=self.dim, ridge=self._options.ridge)
        scale = found.correlation**self._options.power
        for side, axes in (("image", found.first), ("text", found.second)):
            getattr(self, f"{side}_mean").copy_(means[side])
            getattr(self, f"{side}_map").copy_(axes * scale)

    def _moments(self, data: Pairs) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor, Tensor]]:
        """Both means, and the covariances of pictures, of captions, and across, in float64."""
        image, owner = self._pictures(data.features).double(), torch.from_numpy(data.owner)
        many = torch.bincount(owner, minlength=len(image)).double()
        total, words = len(owner), len(self.weight)
        mean = many @ image / total
        flat = image - mean
        text_mean = torch.zeros(words, dtype=torch.float64)
        squares = torch.zeros(words, words, dtype=torch.float64)
        across = torch.zeros(image.shape[1], words, dtype=torch.float64)
        start = 0
        for tokens, lengths in data.tokens.blocks(BLOCK):
            bags = self._bags(tokens, lengths).cpu().double()
            text_mean += bags.sum(0)
            used = bags.any(0).nonzero()[:, 0]  # most words are in no caption of a block
            few = bags[:, used]
            squares[used[:, None], used] += few.T @ few
            across[:, used] += flat[owner[start : start + len(bags)]].T @ few
            start += len(bags)
        text_mean /= total
        pictures = (flat * many[:, None]).T @ flat / total
        captions = squares / total - text_mean[:, None] * text_mean
        return {"image": mean, "text": text_mean}, (pictures, captions, across / total)

    def _images(self, features: Tables, batch_size: int) -> Tensor:
        values = self._pictures(features).to(self.image_map)
        return ((values - self.image_mean) @ self.image_map).cpu()

    def _captions(self, texts: Tokens, batch_size: int) -> Tensor:
        bags = (self._bags(tokens, lengths) for tokens, lengths in texts.blocks(batch_size))
        return torch.cat([(each - self.text_mean) @ self.text_map for each in bags]).cpu()

    def _pictures(self, features: Tables) -> Tensor:
        """(pictures, F) float32: unit vectors of each source, side by side."""
        blocks = features.blocks(BLOCK)
        rows = [torch.cat([normalize(s.mean(1), dim=1) for s in b], dim=1) for b in blocks]
        return torch.cat(rows)

    def _bags(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """(captions, words) unit vectors: how often each word is there, times its weight."""
        tokens, lengths = tokens.to(self.weight.device), lengths.to(self.weight.device)
        inside = within(lengths, tokens)
        bags = self.weight.new_zeros(len(tokens), len(self.weight))
        bags.scatter_add_(1, tokens, inside.to(bags.dtype))
        return normalize(bags * self.weight, dim=1)


def sources(options: Options) -> dict[str, str]:
    """The pictures' features."""
    return {"image": options.layer}


def measure(options: Options, part: Corpus, sources: Mapping[str, Source]) -> Measured:
    """The shapes, and the words of the captions that are trained on."""
    words = words_of(part, sources, min_count=options.min_count, split=options.split)
    return Measured.of(part, sources, words=words)


def build(recipe: Recipe, measured: Measured, modules: Modules) -> CCA:
    """The task, unsolved.

    Raises:
        SettingError: the layer is a grid.
    """
    del modules
    options = recipe.task
    assert isinstance(options, Options), "the recipe's task is this one"
    for shape in measured.shapes.values():
        if len(shape) != 2:
            raise SettingError(
                f"task cca takes a pooled layer (crops, F), not {shape}; set layer=pooled"
            )
    return CCA(options, measured)
