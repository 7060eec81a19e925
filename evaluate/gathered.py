"""What one way of asking comes to where its hits come some queries at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.settings import Settings
from evaluate.hits import Ints
from evaluate.measured import SIZES
from evaluate.measures import Values, options_of, per_query, summed
from evaluate.placed import PartHits
from evaluate.queries import Names, Queries


@dataclass(frozen=True, slots=True)
class Gathered:
    """``asked``: ``SIZES``, and what was asked for.

    ``always``: the numbers of the measure that is always measured; ``queries`` have the values of
    both. ``right`` (Q,) int64: how many right answers each query has. ``tied``: of how many queries
    a right and a wrong answer tie.
    """

    queries: Queries
    asked: dict[str, float]
    always: dict[str, float]
    right: Ints
    tied: int


def gathered(
    way: str,
    parts: Iterable[PartHits],
    ids: tuple[Names, Names],
    measures: Mapping[str, Settings],
    always: str,
) -> Gathered:
    """Measure part by part, and let go of the places of each.

    Args:
        way: its name.
        parts: of the queries that have a right answer.
        ids: (N,) of all who could ask, and (N,) of the picture that each belongs to.
        measures: options by the name of each measure that was asked for.
        always: the measure that is measured whatever was asked for, with its own defaults.

    Raises:
        InputError: nobody asks.
        SettingError: there is no such measure.
    """
    kinds = [(always, options_of(always, {})), *measures.items()]
    values = [defaultdict[str, list[Values]](list) for _ in kinds]
    found = list[tuple[Ints, Ints, int]]()
    gallery = 0
    for part in parts:
        gallery = part.hits.gallery
        found.append((part.row, part.hits.right, int(part.tied.sum())))
        for (name, options), each in zip(kinds, values, strict=True):
            for key, some in per_query(name, part.hits, options).items():
                each[key].append(some)
    if not found:
        raise InputError(f"{way}: no query has a right answer; choose another --protocol")
    rows, right, tied = zip(*found, strict=True)
    row, positives = np.concatenate(rows), np.concatenate(right)
    told = [{key: np.concatenate(each) for key, each in one.items()} for one in values]
    numbers = [summed(name, each) for (name, _), each in zip(kinds, told, strict=True)]
    kept = {key: value for each in told for key, value in each.items()}
    asked = dict(zip(SIZES, (len(row), gallery, float(positives.mean())), strict=True))
    for number in numbers[1:]:
        asked |= number
    queries = Queries(way, ids[0][row], ids[1][row], kept)
    return Gathered(queries, asked, numbers[0], positives, sum(tied))
