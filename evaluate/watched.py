"""What is kept of one way of asking beside its measures: a curve, and how sure each query is."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from evaluate.gathered import Gathered
from evaluate.measures import per_query
from evaluate.metrics.precision_recall import CURVE, LEVELS
from evaluate.placed import PartHits
from evaluate.scores.face import Floats
from evaluate.selective import ANSWERED, CONFIDENCE, Selective, selective

MEASURE = "precision_recall"


class Watched:
    """Looks at the parts of a way of asking as they go by."""

    def __init__(self) -> None:
        """Nothing has gone by."""
        self._curves, self._sure = list[Floats](), list[Floats]()

    def passing(self, parts: Iterable[PartHits]) -> Iterator[PartHits]:
        """The same parts."""
        for part in parts:
            points = per_query(MEASURE, part.hits)
            self._curves.append(np.array([points[f"{CURVE}_{level}"].sum() for level in LEVELS]))
            self._sure.append(part.confidence)
            yield part

    def precision(self) -> list[float]:
        """The interpolated precision at each of ``LEVELS``, the mean over the queries, percent."""
        many = sum(map(len, self._sure))
        told: list[float] = (np.sum(self._curves, axis=0) / many).tolist()
        return told

    def selective(self, precision: Floats) -> Selective:
        """See ``evaluate.selective``; ``precision`` (Q,) is of the queries in their order."""
        return selective(precision, np.concatenate(self._sure))


def beside(found: Mapping[str, tuple[Gathered, Watched]], precision: str) -> dict[str, Any]:
    """The facts ``curves`` and ``selective`` of each way; ``precision`` names the value of a query.

    ``curves`` has ``recall``, the levels, and a way's precision at each; ``selective`` the shares
    ``answered``, what ``confidence`` is, and a way's ``Selective``.
    """
    curves = {way: watched.precision() for way, (_, watched) in found.items()}
    surest = {
        way: watched.selective(each.queries.values[precision]).to_json()
        for way, (each, watched) in found.items()
    }
    told = {"confidence": CONFIDENCE, "answered": list(ANSWERED)}
    return {"curves": {"recall": list(LEVELS), **curves}, "selective": {**told, **surest}}
