"""All figures of a report's page, from what is kept of it; no model is asked again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from core.ensemble import Ensemble
from core.predictions import Embeddings, Prediction
from core.similarities.matrix import Similarity
from evaluate.galleried import WITHOUT
from evaluate.margins import Margins
from evaluate.queries import Queries
from pipeline.asked.unbiased import is_biased
from pipeline.mapped.sampled import Sampled, sampled
from pipeline.plots.answered import answered, curve
from pipeline.plots.attempt import drawn
from pipeline.plots.blind import blind
from pipeline.plots.closest import closest
from pipeline.plots.drawn import Drawn
from pipeline.plots.gaps import gaps
from pipeline.plots.manifold import manifolds, missing
from pipeline.plots.projected import projected
from pipeline.plots.rank_bars import rank_bars
from pipeline.plots.ranked import ranked
from pipeline.plots.recalls import recalls
from pipeline.plots.single import single
from pipeline.plots.training import training
from train.record import Record

OWNED = ("retrieval", "folds")
"""The protocols by which right is whom a caption belongs to."""
BARE = " Of the vectors as the model gives them: the gallery's bias is not in them."


def figures(
    prediction: Prediction | None,
    report: Mapping[str, Any],
    queries: Sequence[Queries],
    record: Record | None,
    margins: Callable[[], Mapping[str, Margins]] | None,
    classes: Callable[[], Iterable[Drawn]] = tuple,
) -> list[Drawn]:
    """What can be drawn of a report, in the order of a page.

    What a report has nothing of is left out: of labels there are no ranks, of a matrix no vectors.
    What cannot be drawn is said in a line, and costs no other.

    Args:
        prediction: what was judged, as it was kept; None where it was not.
        report: ``report.json``.
        queries: one value a query, as kept beside it; may be empty.
        record: of the run; None of several runs, and of a matrix.
        margins: looks how far right answers are from wrong ones (``evaluate.margins``), which takes
            a pass over all similarities; None where nobody can.
        classes: draws the map of the classes, for which what the run read is read again.
    """
    space = drawn("the picture of the space", lambda: _space(prediction, report))
    told = BARE if WITHOUT in report else ""
    parts = {
        "the picture of the ranks": lambda: _of_ranks(prediction, report, queries),
        "the picture of the similarities": lambda: _of_scores(prediction, report, margins),
        "the picture of the space": lambda: [
            projected(each, told + missing(each)) for _, each in space
        ],
        "the picture of neighbours": lambda: chain(*(manifolds(each, told) for _, each in space)),
        "the picture of the modality gap": lambda: [
            gaps(*each, told) for each in space if len(each[1].caption)
        ],
        "the map of the classes": classes,
        "the picture of the training": lambda: training(record) if record else (),
    }
    return [each for what, draw in parts.items() for each in drawn(what, draw)]


def _of_ranks(
    prediction: Prediction | None, report: Mapping[str, Any], queries: Sequence[Queries]
) -> Iterator[Drawn]:
    if ways := ranked(report, queries):
        owned = _owned(prediction, report)
        one = owned.members[0] if isinstance(owned, Ensemble) else owned
        owner = getattr(one, "owner", None)
        yield recalls(ways, {way.way: blind(way, report, owner) for way in ways})
        yield rank_bars(ways)
    yield from single(report, queries)
    yield from curve(report)
    yield from answered(report)


def _of_scores(
    prediction: Prediction | None,
    report: Mapping[str, Any],
    margins: Callable[[], Mapping[str, Margins]] | None,
) -> Iterator[Drawn]:
    if margins is None or _owned(prediction, report) is None:
        return
    if ways := margins():
        yield closest(ways, biased=is_biased(report))


def _space(
    prediction: Prediction | None, report: Mapping[str, Any]
) -> list[tuple[Embeddings, Sampled]]:
    """The vectors and a sample of them; none of several spaces, of codes of bits, of one vector.

    Those of the model itself: the two numbers of the gallery's bias, which stand behind them where
    the report ranks with it, would be directions of the space.
    """
    if not isinstance(prediction, Embeddings) or prediction.image.value.dtype != np.float32:
        return []
    if WITHOUT in report:
        from train.gallery.bias import plain

        prediction = plain(prediction)
    sample = sampled(prediction)
    return [(prediction, sample)] if len(sample.both) > 1 else []


def _owned(
    prediction: Prediction | None, report: Mapping[str, Any]
) -> Embeddings | Similarity | Ensemble | None:
    """The prediction, where right is whom a caption belongs to."""
    if report["protocol_name"] not in OWNED:
        return None
    return prediction if isinstance(prediction, Embeddings | Similarity | Ensemble) else None
