"""Images and captions find each other in the whole split: recall and ranks, both ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from pydantic import Field

from core.ensemble import Ensemble
from core.errors import InputError
from core.predictions import Embeddings, Prediction, Vectors
from core.settings import Settings
from core.similarities.matrix import Similarity
from core.wording import counted
from evaluate.chance import recalls as blind
from evaluate.chosen import chosen, depths
from evaluate.measured import SIZES, UNLOGGED, WAYS, measured
from evaluate.measures import options_of
from evaluate.queries import Queries
from evaluate.ranking import Ranks, rank_by
from evaluate.report import CLOSENESS, Report
from evaluate.scores.face import Scores
from evaluate.scores.named import scores_of
from evaluate.setting import setting
from evaluate.statistics.bootstrap import Weights
from evaluate.table import curves, lines, under
from evaluate.ties import RULES

PROTOCOL = (
    "whole split as gallery; {similarity}; image to text takes the best-placed caption "
    "of the image; ties stand in the order of the SHA-256 of the ids; recall in percent"
)
SUMMED = ("r1", "r5", "r10")


class Options(Settings):
    """The options of the protocol."""

    measures: tuple[str, ...] = Field(
        ("recall", "median_rank", "mean_rank"),
        min_length=1,
        description="files of evaluate/metrics, both ways",
    )
    options: dict[str, dict[str, Any]] = Field(
        {}, description="the options of each measure, by its name"
    )
    ties: bool = Field(
        False, description="report, too, where right answers stand if ties are broken otherwise"
    )


@dataclass(frozen=True)
class Retrieval(Report):
    """``facts``: ``images, captions, i2t, t2i, rsum, tied_queries, chance`` and the protocol.

    Each way holds ``queries``, ``gallery``, ``positives`` (right answers a query, their mean) and
    the values of the measures; ``chance`` has the recalls of a blind guess each way, ``ties``,
    where it was asked for, how many ranks of each way are ``open`` and its values by each rule of
    ``evaluate.ties.RULES``. ``score`` is
    rsum, the sum of the six recalls, 0 to 600; ``recalls`` are these, whichever measures were asked
    for; ``closeness`` is for the log alone (see ``evaluate.closeness``).
    """

    recalls: dict[str, float]
    closeness: dict[str, float]
    each: Sequence[Queries] = field(compare=False)

    def queries(self) -> Sequence[Queries]:
        """``i2t`` and ``t2i``: the measures that were asked for, and the recalls of ``score``."""
        return self.each

    def rows(self) -> Mapping[str, str]:
        """Each way has a row."""
        return WAYS

    def sums(self) -> Mapping[str, Weights]:
        """Rsum, of six recalls."""
        return {"rsum": {(way, key): 1.0 for way in WAYS for key in SUMMED}}

    def scores(self) -> dict[str, float]:
        """``score, rsum``, the six recalls, what else was measured but the usual ranks, closeness.

        Closeness is ``similarity_positive`` and ``similarity_negative``.
        """
        asked = {
            f"{way}_{key}": value
            for way in WAYS
            for key, value in self.facts[way].items()
            if key not in UNLOGGED
        }
        close = {f"{CLOSENESS}{name}": value for name, value in self.closeness.items()}
        return {"score": self.score, "rsum": self.score, **self.recalls, **asked, **close}

    def headline(self) -> str:
        """Rsum, and R@1 of image to text and of text to image."""
        i2t, t2i = (self.recalls[f"{way}_r1"] for way in WAYS)
        within = f"{told}; " if (told := self.within("rsum")) else ""
        return f"rsum {self.score:.1f} ({within}R@1 {i2t:.1f} and {t2i:.1f})"

    def table(self, title: str) -> str:
        """A row a way, a column a value."""
        parts, tied = self.parts(), self.facts["tied_queries"]
        within = f" ({told})" if (told := self.within("rsum")) else ""
        total = f"rsum {self.score:.1f}{within}" + (f", tied queries: {tied}" if tied else "")
        table = [self.title(title), *lines(parts, parts[WAYS["i2t"]], self.bounds()), total]
        return "\n".join([*table, *self.appendix()])

    def title(self, told: str) -> str:
        """How many images and captions there are."""
        images, captions = (counted(self.facts[f"{noun}s"], noun) for noun in ("image", "caption"))
        return f"{told}: {images}, {captions}"

    def parts(self) -> dict[str, dict[str, float]]:
        """A row a way."""
        ways = {name: self.facts[way] for way, name in WAYS.items()}
        return {
            name: {key: value for key, value in values.items() if key not in SIZES}
            for name, values in ways.items()
        }

    def appendix(self) -> list[str]:
        """Curves; then a row a rule of ties, where some rank follows from how ties are broken."""
        told = curves(self.parts(), self.bounds())
        for way, ties in self.facts.get("ties", {}).items():
            if ties["open"]:
                rows = {rule: ties[rule] for rule in RULES}
                told += under(f"ties, {way}", rows)
        return told

    def setting(self) -> str:
        """Who asks whom, and the rule of ties."""
        return setting([self.facts[way] for way in WAYS])

    def chance(self) -> str:
        """R@1 of a blind guess, image to text and text to image."""
        return "chance R@1 " + " / ".join(f"{self.facts['chance'][way]['r1']:.3g}" for way in WAYS)

    def notes(self) -> list[str]:
        """Which recalls a blind guess has in full, as in a gallery of one picture."""
        told = []
        for way, name in WAYS.items():
            full = [f"R@{k[1:]}" for k, v in self.facts["chance"][way].items() if v == 100]
            if full:
                size = self.facts[way]["gallery"]
                told.append(
                    f"{name}: {', '.join(full)} of a blind guess is 100 in a gallery of {size}: "
                    "what is measured there says nothing; ask about more pictures"
                )
        ties = self.facts.get("ties", {}).values()
        if many := sum(each["open"] for each in ties):
            of = sum(self.facts[way]["queries"] for way in WAYS)
            told.append(
                f"{many:,} of {counted(of, 'rank')} follow from how ties are broken: the rows "
                "optimistic, expected and pessimistic say how far"
            )
        return told


def judge(
    prediction: Prediction, options: Options, *, device: torch.device | str = "cpu"
) -> Retrieval:
    """Rank embeddings by their owners and measure both directions; of several, by the mean.

    Raises:
        InputError: no embeddings of float32 vectors with captions and owners.
        SettingError: an unknown measure, an unknown option of one, or an unknown similarity.
    """
    return retrieved(scores_of(require_embeddings(prediction, "retrieval"), device), options)


def require_embeddings(prediction: Prediction, protocol: str) -> Embeddings | Similarity | Ensemble:
    """Refuse what no scores of images and captions follow from.

    Raises:
        InputError: it is another kind of prediction.
    """
    if not isinstance(prediction, Embeddings | Similarity | Ensemble):
        raise InputError(
            f"the protocol {protocol} judges embeddings, not {type(prediction).__name__}; "
            f"judge it by {prediction.protocol!r}"
        )
    return prediction


def retrieved(scores: Scores, options: Options) -> Retrieval:
    """Rank by ``scores`` and measure both directions.

    Raises:
        SettingError: an unknown measure, or an unknown option of one.
    """
    measures = chosen(options.measures, options.options)
    ranks = rank_by(scores)
    ways = {"i2t": ranks.i2t, "t2i": ranks.t2i}
    told = {
        way: measured(way, hits, scores.sides.asking[way], measures) for way, hits in ways.items()
    }
    recalls = {f"{way}_{key}": v for way, each in told.items() for key, v in each.recalls.items()}
    rsum = sum(recalls.values())
    facts = {
        "images": ranks.t2i.gallery,
        "captions": ranks.i2t.gallery,
        "protocol": PROTOCOL.format(similarity=scores.words),
        "protocol_name": "retrieval",
        **{way: each.asked for way, each in told.items()},
        "rsum": rsum,
        "tied_queries": ranks.tied_queries,
        "chance": {
            way: blind(hits.right, hits.gallery, _among(measures)) for way, hits in ways.items()
        },
        **({"ties": _ties(ranks, measures)} if options.ties else {}),
    }
    each = [way.queries for way in told.values()]
    return Retrieval(facts, rsum, recalls, ranks.closeness, each)


def example() -> Embeddings:
    """Two images and three captions."""
    return Embeddings(
        image=Vectors(np.array(["a", "b"]), np.eye(2, dtype=np.float32)),
        caption=Vectors(
            np.array(["a0", "a1", "b0"]), np.array([[2, 1], [1, 3], [0, 1]], dtype=np.float32)
        ),
        owner=np.array([0, 0, 1]),
    )


def _ties(ranks: Ranks, measures: dict[str, Settings]) -> dict[str, dict[str, Any]]:
    """Each way ``open``, how many ranks follow from ties, and the values by each rule."""
    among = _among(measures)
    return {way: {"open": ties.open, **ties.summary(among)} for way, ties in ranks.ties.items()}


def _among(measures: dict[str, Settings]) -> list[int]:
    """Each K of the recalls that are measured, and 1."""
    return sorted({1, *(depths(measures) or depths({"recall": options_of("recall", {})}))})
