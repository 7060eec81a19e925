"""Is this made as what a model was trained on?"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import CacheError
from core.sources.source import Source

IMPORTED = "imported"
"""What stands in the place of a backbone where somebody else made the vectors."""
NAMED = 3  # differing facts that a message names


def refuse_other_encoder(name: str, then: Mapping[str, Any], now: Source) -> None:
    """Refuse a source that is not made as the one that a model was trained on.

    Args:
        name: what the model calls the source.
        then: ``made_by`` of what it was trained on.
        now: what it is given.

    Raises:
        CacheError: the encoders differ; both sides of the first differing facts are named.
    """
    way_out, mend = "make the features as those were made, or train on these", "alike"
    if IMPORTED in (then.get("backbone"), now.made_by.get("backbone")):
        way_out, mend = "name both alike if one extractor made both, or train on these", "named"
    refuse_other_facts(f"the source {name!r}", then, now.made_by, way_out, mend=mend)


def refuse_other_facts(
    what: str, then: Mapping[str, Any], now: Mapping[str, Any], way_out: str, *, mend: str = ""
) -> None:
    """Refuse ``now``, facts of ``what``, where they differ from ``then``, those of the training.

    Raises:
        CacheError: both sides of the first differing facts are named; it ends with ``way_out``,
            and has ``mend``.
    """
    there, here = dict(_flat(then)), dict(_flat(now))
    keys = [key for key in sorted(there | here) if there.get(key) != here.get(key)]
    if keys:
        listed = ", ".join(
            f"{key} {here.get(key, 'none')} (trained on: {there.get(key, 'none')})"
            for key in keys[:NAMED]
        )
        more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
        raise CacheError(
            f"{what}: not the numbers that the model was trained on: {listed}{more}; {way_out}",
            mend=mend,
        )


def _flat(facts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each fact by its dotted name, as text that is equal where the JSON is."""
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            numbered = {str(place): inner for place, inner in enumerate(value, start=1)}
            yield from _flat(numbered, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, repr(value)
        else:
            yield prefix + key, json.dumps(value, sort_keys=True, ensure_ascii=False)
