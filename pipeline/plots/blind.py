"""What a blind guess reaches, as the curve beside a curve of recalls."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from evaluate.chance import recall_curve
from evaluate.hits import Ints
from evaluate.scores.face import Floats
from pipeline.plots.ranked import Ranked, depths


class Blind(NamedTuple):
    """The recall of a guess, (P,) float64 in percent, at each K of ``among`` (P,), rising."""

    among: Ints
    recall: Floats


def blind(way: Ranked, report: Mapping[str, Any], owner: Ints | None) -> Blind:
    """At every K of the curve, or else at those that the report tells; there may be none.

    Args:
        way: who asks.
        report: its ``chance`` is by the ways.
        owner: (captions,) int64, the row of each caption's image, where that is what is right.
    """
    if owner is not None:
        right = np.unique(owner, return_counts=True)[1] if way.way == "i2t" else np.ones_like(owner)
        among = depths(way.gallery)
        return Blind(among, recall_curve(right, way.gallery, among))
    told = report.get("chance", {}).get(way.way, {})
    found = {int(name[1:]): value for name, value in told.items() if name[1:].isdecimal()}
    among = np.array(sorted(found), dtype=np.int64)
    return Blind(among, np.array([found[k] for k in among.tolist()], dtype=np.float64))
