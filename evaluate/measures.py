"""The measures of ``evaluate/metrics``: one value a query, and one number of them all."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from core.errors import InputError, SettingError
from core.plugins import load, names
from core.settings import Settings, validate
from evaluate.hits import Hits, no_distances

PACKAGE = "evaluate.metrics"
Values = npt.NDArray[np.float64]
Depths = tuple[Annotated[int, Field(ge=1)], ...]
"""Among how many of the first candidates, for the option ``k`` of a measure."""


def options_of(name: str, given: Mapping[str, Any]) -> Settings:
    """The options of a measure; a file that declares none accepts none.

    Raises:
        SettingError: no such measure, or an unknown key or value.
    """
    return validate(schema_of(name), given, f"measure {name}")


def schema_of(name: str) -> type[Settings]:
    """What a measure accepts.

    Raises:
        SettingError: no such measure.
    """
    schema: type[Settings] = getattr(load(PACKAGE, name), "Options", Settings)
    return schema


def per_query(name: str, hits: Hits, options: Settings | None = None) -> dict[str, Values]:
    """Each value of the measure ``name``, (Q,) float64, from the hits of Q queries.

    Raises:
        InputError: it is of distances in bits, and the hits have none.
        SettingError: there is no such measure.

    Example:
        >>> per_query("mean_rank", Hits.of([[1, 3], [2]], gallery=10))
        {'mean_rank': array([1., 2.])}
    """
    chosen = options_of(name, {}) if options is None else options
    plugin = load(PACKAGE, name)
    if getattr(plugin, "USES", "") == "distances" and hits.within is no_distances:
        raise InputError(
            f"{name} counts what lies within so many bits, and these scores are not Hamming "
            "distances; leave it out of --measures, or judge codes of bits"
        )
    values: dict[str, Values] = plugin.measure(hits, chosen)
    return values


def summed(name: str, values: Mapping[str, Values]) -> dict[str, float]:
    """One number a value of ``per_query``: the mean, unless the file's ``SUMMARY`` says else.

    Example:
        >>> summed("mean_rank", {"mean_rank": np.array([1.0, 2.0])})
        {'mean_rank': 1.5}
    """
    special = getattr(load(PACKAGE, name), "SUMMARY", {})
    return {key: float(special.get(key, np.mean)(each)) for key, each in values.items()}


def lower_is_better() -> set[str]:
    """The values, of all measures that are there, whose lower numbers are the better.

    Example:
        >>> sorted(lower_is_better())
        ['mean_rank', 'median_rank']
    """
    found: set[str] = set()
    for name in names(PACKAGE):
        with suppress(SettingError):  # what cannot be imported has measured nothing
            found |= getattr(load(PACKAGE, name), "LOWER_IS_BETTER", frozenset())
    return found


def summary(name: str, hits: Hits, options: Settings | None = None) -> dict[str, float]:
    """``summed`` of ``per_query``.

    Example:
        >>> summary("mean_rank", Hits.of([[1, 3], [2]], gallery=10))
        {'mean_rank': 1.5}
    """
    return summed(name, per_query(name, hits, options))
