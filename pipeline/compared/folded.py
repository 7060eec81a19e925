"""What a report tells of its folds: the mean of each fold's number, however many ask in each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.wording import counted
from evaluate.measures import Values
from evaluate.queries import Queries

FOLDS = "folds"
"""Ends the ways that are asked in folds, begins the totals of these; where a report tells them."""
Told = Mapping[str, Any]


def inside(told: Told) -> Told:
    """The numbers in folds, as a report of one has them; empty where there are none."""
    found: Told = told.get(FOLDS, {}).get("mean", {})
    return found


def weights(told: Told, queries: Sequence[Queries]) -> dict[str, Values]:
    """Of each way in folds the weight of each query, (Q,): folds count alike, whoever asks.

    The queries of a fold stand together, fold by fold, as they were written.
    """
    found = dict[str, Values]()
    for each in queries:
        way = each.way.removesuffix(FOLDS)
        if way != each.way and way in inside(told):
            many = [int(fold[way]["queries"]) for fold in told[FOLDS]["each"]]
            found[each.way] = np.repeat([1 / n for n in many], many)
    return found


def titles(told: Told, ways: Mapping[str, str]) -> dict[str, str]:
    """What the ways in folds are called: as the rows of the report."""
    if not inside(told):
        return {}
    folds = f"{counted(told[FOLDS]['many'], 'fold')} of {told[FOLDS]['size']:,}"
    return {f"{way}{FOLDS}": f"{name}, {folds}" for way, name in ways.items()}


def in_folds(name: str) -> str:
    """A way or a total for a person.

    Example:
        >>> in_folds("i2tfolds"), in_folds("folds_rsum"), in_folds("i2t")
        ('i2t in folds', 'rsum in folds', 'i2t')
    """
    plain = name.removesuffix(FOLDS).removeprefix(f"{FOLDS}_")
    return name if plain == name else f"{plain} in folds"
