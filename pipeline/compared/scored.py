"""An answer by each rule that it was scored with: plain, and with the gallery's bias."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluate.galleried import WITHOUT
from evaluate.measures import Values
from evaluate.queries import Queries
from evaluate.statistics.paired import Weights
from evaluate.statistics.special import specials
from pipeline.compared.asked import Asked
from pipeline.compared.folded import FOLDS, inside, weights

PLAIN, BIASED = "plain", "biased"
"""The rules: with the gallery's bias another thing is measured, so like is compared with like."""
RSUM = "rsum"
UNTOLD = {RSUM: {f"{way}_r{k}": 1.0 for way in ("i2t", "t2i") for k in (1, 5, 10)}}
"""The sums of a report that was written before reports told theirs."""
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Scored:
    """The numbers of a report by one rule, as ``i2t_r1``, and the values that they follow from.

    ``sums`` are the numbers of several ways, with what they are the sums of; ``weights`` (Q,) those
    of the queries of a way that do not count alike.
    """

    numbers: Mapping[str, float]
    queries: Sequence[Queries]
    sums: Mapping[str, Weights]
    weights: Mapping[str, Values]


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


def parts_of(several: Sequence[Scored]) -> dict[str, Weights]:
    """The parts of each measure that is a mean over queries, in all of ``several``.

    Others, such as the median rank, are shown and not tested: of several seeds' mean they would be
    another thing, and flipping signs says nothing of them.
    """
    special, found = specials(), dict[str, Weights]()
    for measure in several[0].numbers:
        way, _, name = measure.partition("_")
        parts = several[0].sums.get(measure, {(way, name): 1.0})
        if name not in special and all(_is_mean(each, measure, parts) for each in several):
            found[measure] = parts
    return found


def _scored(told: Mapping[str, Any], queries: Sequence[Queries]) -> Scored:
    """Of a way that the report tells nothing of, the means of what it tells of others."""
    apart = inside(told)
    folded = {f"{way}{FOLDS}": row for way, row in apart.items() if isinstance(row, Mapping)}
    sums, within = _sums(told), _sums(apart, FOLDS)
    numbers = {name: float(told[name]) for name in sums}
    numbers |= {f"{FOLDS}_{name}": float(apart[name]) for name in within}
    known = {**told, **folded}
    ways = {each.way: known[each.way] for each in queries if each.way in known}
    means = {name for way in ways.values() for name in way} - specials().keys()
    for each in queries:
        for name, values in each.values.items():
            if name in ways.get(each.way, ()):
                numbers[f"{each.way}_{name}"] = float(ways[each.way][name])
            elif each.way not in ways and (name in means or not ways):
                numbers[f"{each.way}_{name}"] = float(values.mean())
    sums |= {f"{FOLDS}_{name}": parts for name, parts in within.items()}
    return Scored(numbers, queries, sums, weights(told, queries))


def _sums(told: Mapping[str, Any], ending: str = "") -> dict[str, Weights]:
    """Those of several numbers: of one alone it is that number by another name.

    ``ending`` is that of the ways of asking.
    """
    sums = told.get("intervals", {}).get("sums", UNTOLD)
    found = dict[str, Weights]()
    for name, made_of in sums.items():
        each = ((*part.split("_", 1), weight) for part, weight in made_of.items())
        parts = {(f"{way}{ending}", value): weight for way, value, weight in each}
        if name in told and len(parts) > 1:
            found[name] = parts
    return found


def _is_mean(scored: Scored, measure: str, parts: Weights) -> bool:
    ways = {each.way: each.values for each in scored.queries}
    if measure not in scored.numbers or any(name not in ways.get(way, {}) for way, name in parts):
        return False
    mean = sum(
        w * _mean(ways[way][name], scored.weights.get(way)) for (way, name), w in parts.items()
    )
    return abs(mean - scored.numbers[measure]) <= _CLOSE


def _mean(values: Values, weights: Values | None) -> float:
    return float(np.average(values, weights=weights))
