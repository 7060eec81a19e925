"""What matching does to both sides, however captions are read: directions, posteriors, or both."""

from dataclasses import replace
from typing import Any, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, from_numpy

from core.predictions import Embeddings
from core.records import Corpus
from core.sources import TEXT
from train.examples.classed import Uses
from train.measured import Measured
from train.moments import Pairing, of_one_class, owned
from train.tasks._canonical import Canonical, CanonicalOptions
from train.tasks._closed import BLOCK, unit_rows
from train.tasks._embedding import EMBED_BATCH
from train.tasks._labels import LabelOptions, fitting
from train.tasks._posteriors import Posterior, PosteriorOptions
from train.tasks._sides import IMAGE, J
from train.tasks._words import WordOptions

NOTHING, HALF = "nothing is learnt from it", "it is learnt of pictures alone"
USES = {
    ("pairs", False): Uses("it counts as any other", unpaired=""),
    ("pairs", True): Uses("only its correlations count", "only its classes count", HALF),
    ("classes", False): Uses(NOTHING, ""),
    ("classes", True): Uses(NOTHING, "", HALF),
    ("no", True): Uses(NOTHING, "", HALF),
}
"""By ``correlate`` and ``semantic``."""
UNTAUGHT = ("pairs", False)
"""Of these labels judge alone."""


class MatchOptions(WordOptions, PosteriorOptions, CanonicalOptions, LabelOptions):
    """The options of the solution."""

    captions: Literal["vectors", "words"] = Field(
        "vectors", description="what captions are: stored vectors, or bags of their words"
    )
    correlate: Literal["pairs", "classes", "no"] = Field(
        "pairs",
        description="both sides' directions are correlated over each caption and its picture, over "
        "all pairs within a class, or there are none",
    )
    semantic: bool = Field(
        False, description="what is compared is how likely each class is, by these directions"
    )
    power: float = Field(
        1.0, ge=0, description="of the correlation, with which each direction is scaled"
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.correlate == "no" and not self.semantic:
            raise ValueError("correlate = no leaves nothing to compare without semantic = true")
        return self


class Matched(Canonical[J]):
    """A projection a side, a logistic regression a side, or the second behind the first.

    Attributes:
        image: rows of pictures -> posteriors, where these are compared; text: of captions.
    """

    def __init__(self, options: MatchOptions, measured: Measured, sizes: dict[str, int]):
        """Room for the solution; ``sizes`` is the width of each side's rows."""
        super().__init__()
        self._options, self._measured = options, measured
        self.dim = min(options.width, *sizes.values())
        if options.correlate == "classes":
            # Nothing is correlated beyond: a sum of each class a side, dependent by the means.
            self.dim = min(self.dim, len(measured.classes) - 1)
        if options.correlate != "no":
            self._room(sizes, self.dim)
            sizes = dict.fromkeys(sizes, self.dim)
        if options.semantic:
            self.dim = len(measured.classes)
            for side, size in sizes.items():
                self.add_module(side, Posterior(options, size, self.dim))

    def fitting(self, train: J, val: J, parts: tuple[Corpus, Corpus]) -> list[str]:
        """See ``Task``."""
        way = self._options.correlate, self._options.semantic
        told = fitting(train, val, parts, self._measured, uses=USES[way])
        idle = way == UNTAUGHT and self._options.label_noise
        return [*told, "no label is learnt from, so label_noise changes nothing"] if idle else told

    def begin(self, data: J) -> None:
        """Solve: the directions over all pairs, then each side's classes by itself."""
        assert data.image_label is not None, "a corpus without classes was refused"
        assert data.label is not None, "a corpus without classes was refused"
        options, texts = self._options, self._texts_of(data)
        labels = {IMAGE: from_numpy(data.image_label), TEXT: from_numpy(data.label)}
        if self._correlates:
            pairing = self._pairing(data, labels)
            self._solve(data, pairing, ridge=options.ridge, power=options.power)
        if options.semantic:
            rows = self._directions(IMAGE, unit_rows(data.features))
            self._posterior(IMAGE).solve(rows.cpu(), labels[IMAGE])
            self._posterior(TEXT).solve(self._learnt(texts).cpu(), labels[TEXT])

    def predict(self, data: J, *, batch_size: int = EMBED_BATCH) -> Embeddings:
        """See ``Sided``; right is what shares a label."""
        return replace(super().predict(data, batch_size=batch_size), protocol="labels")

    @property
    def _correlates(self) -> bool:
        return self._options.correlate != "no"

    def _posterior(self, side: str) -> Posterior:
        found = self.get_submodule(side)
        assert isinstance(found, Posterior), "it is one of those that were made"
        return found

    def _pairing(self, data: J, labels: dict[str, Tensor]) -> Pairing:
        if self._options.correlate == "pairs":
            return owned(from_numpy(data.owner), len(data.features))
        return of_one_class(labels[IMAGE], labels[TEXT])

    def _learnt(self, texts: Any) -> Tensor:
        """The rows (N, F) of captions that the classes are learnt of."""
        if not self._correlates:
            return self._table(texts)
        return torch.cat([self._directions(TEXT, rows) for rows in self._rows(texts, BLOCK)])

    def _directions(self, side: str, rows: Tensor) -> Tensor:
        return self._projected(side, rows) if self._correlates else rows

    def _mapped(self, side: str, rows: Tensor) -> Tensor:
        found = self._directions(side, rows)
        return self._posterior(side)(found) if self._options.semantic else found
