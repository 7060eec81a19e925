"""An answer by each rule that it was scored with: plain, and with the gallery's bias."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluate.galleried import WITHOUT
from evaluate.queries import Queries
from evaluate.statistics.paired import Part
from evaluate.statistics.special import specials
from pipeline.compared.asked import Asked

PLAIN, BIASED = "plain", "biased"
"""The rules: with the gallery's bias another thing is measured, so like is compared with like."""
RSUM = "rsum"
SUMMED: Sequence[Part] = [(way, f"r{k}") for way in ("i2t", "t2i") for k in (1, 5, 10)]
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Scored:
    """The numbers of a report by one rule, as ``i2t_r1``, and the values that they follow from."""

    numbers: Mapping[str, float]
    queries: Sequence[Queries]


def scored(asked: Asked) -> dict[str, Scored]:
    """By its rule each; the plain one first."""
    report, queries = asked.report, asked.queries
    if "without" not in report:
        return {PLAIN: _scored(report, queries)}
    plain = [
        replace(each, way=each.way.removesuffix(WITHOUT))
        for each in queries
        if each.way.endswith(WITHOUT)
    ]
    biased = [each for each in queries if not each.way.endswith(WITHOUT)]
    return {PLAIN: _scored(report["without"], plain), BIASED: _scored(report, biased)}


def parts_of(several: Sequence[Scored]) -> dict[str, list[Part]]:
    """The parts of each measure that is a mean over queries, in all of ``several``.

    Others, such as the median rank, are shown and not tested: of several seeds' mean they would be
    another thing, and flipping signs says nothing of them.
    """
    special, found = specials(), {}
    for measure in several[0].numbers:
        way, _, name = measure.partition("_")
        parts = list(SUMMED) if measure == RSUM else [(way, name)]
        if name not in special and all(_is_mean(each, measure, parts) for each in several):
            found[measure] = parts
    return found


def _scored(told: Mapping[str, Any], queries: Sequence[Queries]) -> Scored:
    """Of a way that the report tells nothing of, such as within folds, the means of the same."""
    numbers = {RSUM: float(told[RSUM])} if RSUM in told else {}
    ways = {each.way: told[each.way] for each in queries if each.way in told}
    means = {name for way in ways.values() for name in way} - specials().keys()
    for each in queries:
        for name, values in each.values.items():
            if name in ways.get(each.way, ()):
                numbers[f"{each.way}_{name}"] = float(ways[each.way][name])
            elif each.way not in ways and (name in means or not ways):
                numbers[f"{each.way}_{name}"] = float(values.mean())
    return Scored(numbers, queries)


def _is_mean(scored: Scored, measure: str, parts: Sequence[Part]) -> bool:
    ways = {each.way: each.values for each in scored.queries}
    if measure not in scored.numbers or any(name not in ways.get(way, {}) for way, name in parts):
        return False
    mean = sum(float(np.mean(ways[way][name])) for way, name in parts)
    return abs(mean - scored.numbers[measure]) <= _CLOSE
