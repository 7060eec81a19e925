"""The measures that were asked for, with their options."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import SettingError
from core.settings import Settings
from evaluate.measures import options_of
from evaluate.metrics.recall import Options as Recall

NOTHING: Mapping[str, Any] = {}


def chosen(
    measures: Sequence[str],
    given: Mapping[str, Mapping[str, Any]],
    usual: Mapping[str, Mapping[str, Any]] = NOTHING,
) -> dict[str, Settings]:
    """The options of each of ``measures``, by its name: those ``given``, or else the ``usual``.

    Raises:
        SettingError: an unknown measure or option, or options of a measure that is not asked for.
    """
    if idle := given.keys() - set(measures):
        raise SettingError(
            f"options of {min(idle)!r}, which is not measured; add it to measures or leave them out"
        )
    return {name: options_of(name, given.get(name, usual.get(name, {}))) for name in measures}


def depths(measures: Mapping[str, Settings]) -> tuple[int, ...]:
    """Each K of the recalls that are measured; none without the measure ``recall``."""
    found = measures.get("recall")
    return found.k if isinstance(found, Recall) else ()
