"""All that the page of a report is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.ensemble import Ensemble
from core.errors import InputError
from core.predictions import Embeddings
from core.records import Corpus
from core.similarities.matrix import Similarity
from core.sources import Source
from evaluate.queries import QUERIES, Queries, read_queries
from pipeline.asked.predicted import kept_prediction
from train.opened import Opened

if TYPE_CHECKING:
    from evaluate.closeness import Hardest
    from evaluate.margins import Margins
    from evaluate.scores.face import Scores

MOST = 2**28
"""Similarities that are computed once more for a page; more take minutes."""


@dataclass(frozen=True)
class Given:
    """A report in its folder, and what is at hand beside it.

    ``corpus`` are the pictures that were asked about, None where nobody knows them; ``runs`` and
    ``caches`` what answered, none where it was a matrix: ``matrix`` or several; ``sources`` what
    one run read. The journal of
    ``work`` tells what it cost; ``device`` is where to compute.
    """

    folder: Path
    report: Mapping[str, Any]
    work: Path
    device: str = "cpu"
    corpus: Corpus | None = None
    runs: Sequence[Opened] = ()
    caches: Sequence[Path] = ()
    matrix: Similarity | Ensemble | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)

    @cached_property
    def prediction(self) -> Embeddings | Ensemble | Similarity | None:
        """What was predicted, as it is kept; None where that are no vectors."""
        return self.matrix or kept_prediction(self.folder, self.report["files"])

    @cached_property
    def queries(self) -> Mapping[str, Queries]:
        """The values of each query by the way that it asks; empty where none are kept."""
        if QUERIES not in self.report["files"]:
            return {}
        return {each.way: each for each in read_queries(self.folder)}

    @cached_property
    def scores(self) -> "Scores":
        """All similarities.

        Raises:
            InputError: these are no vectors, or none of captions that belong to pictures.
            SettingError: there is no such similarity.
        """
        from evaluate.scores.named import scores_of
        from pipeline.device import judging, resolve

        if self.prediction is None:
            raise InputError("what was predicted are no vectors; so nothing is compared here")
        return scores_of(self.prediction, judging(resolve(self.device)))

    @cached_property
    def hardest(self) -> "Hardest":
        """The wrong candidate that comes closest to each query, by one pass over ``scores``.

        Raises:
            InputError: as ``scores``; or there are more than ``MOST`` of them.
        """
        from evaluate.closeness import Hardest

        sides = self.scores.sides
        if len(sides.image_id) * len(sides.caption_id) > MOST:
            raise InputError(f"it is looked for among {MOST:,} pairs of a picture and a caption")
        return Hardest.found(self.scores)

    def margins(self) -> "dict[str, Margins]":
        """How far right answers are from ``hardest``; see ``evaluate.margins`` and ``hardest``."""
        from evaluate.margins import margins

        return margins(self.scores, self.hardest)
