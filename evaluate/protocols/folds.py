"""MSCOCO's two protocols at once: the whole split, and the mean of folds ranked each by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from statistics import mean
from typing import Any, Self

import numpy as np
import torch
from pydantic import Field

from core.errors import InputError
from core.predictions import Embeddings, Prediction, Vectors
from core.wording import counted
from evaluate.hits import Ints
from evaluate.protocols import retrieval
from evaluate.protocols.retrieval import Retrieval, require_embeddings, retrieved
from evaluate.queries import Queries
from evaluate.report import Report
from evaluate.scores.named import scores_of
from evaluate.scores.part import PartScores
from evaluate.scores.sides import Sides
from evaluate.statistics.bootstrap import Interval, intervals

PROTOCOL = (
    "{whole}; beside it the mean of {folds} of {size} images, in the order of their ids, each with "
    "its captions in a gallery of its own"
)
WAY = "folds"
"""Stands behind the name of a way of asking that is asked in folds."""
SUMMED = {"queries", "open", "tied_queries"}
"""Facts that are added up over the folds; of all other numbers the mean is taken."""


class Options(retrieval.Options):
    """The options of the protocol."""

    fold: int = Field(1000, ge=1, description="images a fold")


@dataclass(frozen=True)
class Folds(Report):
    """``facts``: those of the whole split, as ``retrieval`` has them, and ``folds``.

    ``folds`` hold ``size`` (images a fold), ``many``, ``left_out`` (images in none), ``mean`` (the
    facts of a fold, averaged) and ``each`` (those of every fold). ``score`` is that of the whole.
    """

    whole: Retrieval
    mean: Retrieval
    each: Sequence[Retrieval]

    def scores(self) -> dict[str, float]:
        """Those of the whole split; as ``folds_...`` the means over the folds."""
        inside = {f"folds_{name}": value for name, value in self.mean.scores().items()}
        return {**self.whole.scores(), **inside}

    def headline(self) -> str:
        """Of the whole split, then of the folds."""
        return f"{self.whole.headline()}, in {self._folds()} {self.mean.headline()}"

    def table(self, title: str) -> str:
        """That of the whole split, then one of the means."""
        inside = self.mean.table(self._folds())
        left = self.facts["folds"]["left_out"]
        first = f"mean of {self._folds()}" + (f", {counted(left, 'image')} in none" if left else "")
        return "\n".join([self.whole.table(title), first, *inside.split("\n")[1:]])

    def title(self, told: str) -> str:
        """That of the whole split."""
        return self.whole.title(told)

    def parts(self) -> dict[str, dict[str, float]]:
        """A row a way of the whole split, and one of the folds."""
        inside = {f"{name}, {self._folds()}": row for name, row in self.mean.parts().items()}
        return {**self.whole.parts(), **inside}

    def with_intervals(self) -> Self:
        """Of the whole split; and of the means, where a fold has those of its pictures drawn."""
        whole = self.whole.with_intervals()
        apart = chain.from_iterable(fold.queries() for fold in self.each)
        told = intervals(list(apart), self.mean.sums())
        inside = replace(
            self.mean, intervals=told, facts={**self.mean.facts, "intervals": told.to_json()}
        )
        folds = {**self.facts["folds"], "mean": inside.facts}
        facts = {**self.facts, "intervals": whole.facts["intervals"], "folds": folds}
        return replace(self, whole=whole, mean=inside, facts=facts, intervals=whole.intervals)

    def bounds(self) -> Mapping[str, Mapping[str, Interval]]:
        """Of the rows of the whole split, and of those of the folds."""
        inside = {f"{name}, {self._folds()}": row for name, row in self.mean.bounds().items()}
        return {**self.whole.bounds(), **inside}

    def rows(self) -> Mapping[str, str]:
        """Those of the whole split."""
        return self.whole.rows()

    def queries(self) -> Sequence[Queries]:
        """``i2t`` and ``t2i`` of the whole split; ``i2tfolds`` and ``t2ifolds`` within a fold."""
        return [*self.whole.queries(), *self.mean.queries()]

    def appendix(self) -> list[str]:
        """That of the whole split; where some rank of a fold follows from ties, that too."""
        inside = self.mean.appendix()
        return [*self.whole.appendix(), *([self._folds(), *inside] if inside else [])]

    def setting(self) -> str:
        """That of the whole split, and how many folds of how many images."""
        return f"{self.whole.setting()}; {self._folds()} in the order of ids"

    def chance(self) -> str:
        """R@1 of a blind guess in the whole split, then in a fold."""
        return f"{self.whole.chance()}, in folds {self.mean.chance().removeprefix('chance R@1 ')}"

    def notes(self) -> list[str]:
        """What says nothing in the whole split, and in the folds; which images are in none."""
        inside = [f"in folds: {note}" for note in self.mean.notes()]
        return [*self.whole.notes(), *inside, *self._left()]

    def _folds(self) -> str:
        size, many = (self.facts["folds"][key] for key in ("size", "many"))
        return f"{counted(many, 'fold')} of {size:,}"

    def _left(self) -> list[str]:
        size, many, left = (self.facts["folds"][key] for key in ("size", "many", "left_out"))
        if not left:
            return []
        images = many * size + left
        even = images // -(-images // size)
        return [
            f"{left:,} of {images:,} images, the last by their ids, are in no fold of {size:,}: "
            f"--fold {even} leaves out {images % even}"
        ]


def judge(prediction: Prediction, options: Options, *, device: torch.device | str = "cpu") -> Folds:
    """Rank the whole split, then each fold of it, by its owners; of several models, by the mean.

    Raises:
        InputError: no embeddings of captions with owners, fewer images than a fold, or a fold
            without a caption.
        SettingError: an unknown measure, an unknown option of one, or an unknown similarity.
    """
    scores = scores_of(require_embeddings(prediction, "folds"), device)
    folds = _folds(scores.sides, options.fold)
    whole = retrieved(scores, options)
    each = [retrieved(PartScores(scores, images), options) for images in folds]
    told = [_of_one(report) for report in each]
    inside = averaged(told)
    size, many = options.fold, len(folds)
    left = len(scores.sides.image_id) - many * size
    facts = {
        **whole.facts,
        "protocol": PROTOCOL.format(
            whole=whole.facts["protocol"], folds=counted(many, "fold"), size=f"{size:,}"
        ),
        "protocol_name": "folds",
        "folds": {"size": size, "many": many, "left_out": left, "mean": inside, "each": told},
    }
    recalls = averaged([report.recalls for report in each])
    queries = [_joined(list(way)) for way in zip(*(r.queries() for r in each), strict=True)]
    folded = Retrieval(inside, inside["rsum"], recalls, {}, queries)
    return Folds(facts, whole.score, whole, folded, each)


def example() -> Embeddings:
    """A thousand images along two axes, and a caption each."""
    turn = np.linspace(0, 1, 1000, dtype=np.float32)
    value = np.stack([turn, 1 - turn], axis=1)
    images, captions = (np.array([f"{kind}{n:03}" for n in range(1000)]) for kind in "ic")
    return Embeddings(Vectors(images, value), Vectors(captions, value), np.arange(1000))


def averaged(each: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean of every number of several mappings with the same keys; some are added up.

    Example:
        >>> averaged([{"queries": 5, "t2i": {"r1": 30.0}}, {"queries": 5, "t2i": {"r1": 50.0}}])
        {'queries': 10, 't2i': {'r1': 40.0}}
    """
    told: dict[str, Any] = {}
    for key, first in each[0].items():
        values = [facts[key] for facts in each]
        if isinstance(first, Mapping):
            told[key] = averaged(values)
        else:
            told[key] = sum(values) if key in SUMMED else mean(values)
    return told


def _folds(sides: Sides, size: int) -> list[Ints]:
    """The rows of each fold, rising; images follow one another by their ids.

    Raises:
        InputError: there is none, or one has no caption.
    """
    images = len(sides.image_id)
    order = np.argsort(sides.image_id, kind="stable")
    folds = [np.sort(order[end - size : end]) for end in range(size, images + 1, size)]
    if not folds:
        raise InputError(
            f"{counted(images, 'image')} make no fold of {size:,}; give a smaller --fold, or ask "
            "for the protocol retrieval"
        )
    if any(not np.isin(rows, sides.owner).any() for rows in folds):
        raise InputError(f"a fold of {size:,} images has no caption; give a larger --fold")
    return folds


def _of_one(fold: Retrieval) -> dict[str, Any]:
    """The facts of a fold that are numbers."""
    return {key: v for key, v in fold.facts.items() if not key.startswith("protocol")}


def _joined(folds: Sequence[Queries]) -> Queries:
    """The queries of all folds as those of one way."""
    ids, pictures = (
        np.concatenate([getattr(each, side) for each in folds]) for side in ("id", "picture")
    )
    names = folds[0].values
    values = {name: np.concatenate([each.values[name] for each in folds]) for name in names}
    return Queries(f"{folds[0].way}{WAY}", ids, pictures, values)
