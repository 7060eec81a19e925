"""The settings in which groups differ; what is equal in all goes without saying."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.compared.groups import SEED, Group

Differing = dict[str, list[Any]]
"""A key -> its value in each group, None where it is not there; keys are those of ``--set``."""
SOURCES, TRAINED = "features", "trained on"


def differing(groups: Sequence[Group]) -> Differing:
    """The keys with more than one value, sorted; of groups whose settings are not known nothing."""
    seeds = all(len(group.members) == 1 for group in groups)
    each = [_stated(group, seeds=seeds) for group in groups]
    known = [stated for stated in each if stated is not None]
    keys = sorted({key for stated in known for key in stated})
    return {
        key: [stated and stated.get(key) for stated in each]
        for key in keys
        if len({repr(stated.get(key)) for stated in known}) > 1
    }


def common(settings: Differing, groups: Sequence[Group]) -> Differing:
    """For a person: without the options of parts that not all groups have, whose names suffice.

    Nor are digests of features told where it is told in what else these differ.
    """
    known = [number for number, group in enumerate(groups) if group.identity is not None]
    shown = {
        key: values
        for key, values in settings.items()
        if key.endswith("name")
        or "." not in key
        or all(values[number] is not None for number in known)
    }
    digests = {key for key in shown if key.startswith(SOURCES) and key.endswith(".sha256")}
    told = any(key.startswith(SOURCES) for key in shown.keys() - digests)
    return {key: values for key, values in shown.items() if not (told and key in digests)}


def _stated(group: Group, *, seeds: bool) -> dict[str, Any] | None:
    if group.identity is None:
        return None
    identity = dict(group.identity)
    settings, seen = identity.pop("settings", {}), identity.pop("seen", "")
    seed = identity.pop(SEED)
    identity.pop("encoders", None)  # told by the report in words
    encoders = group.members[0].report["encoders"]
    sources = dict(_flat(encoders, f"{SOURCES}."))
    return {
        **({SEED: seed} if seeds else {}),
        **dict(_flat(settings)),
        SOURCES: [str(each["backbone"]) for each in encoders.values() if "backbone" in each],
        **{key: value for key, value in sources.items() if not key.endswith(".views")},
        **dict(_flat(identity)),
        TRAINED: str(seen)[:8],
    }


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        elif key == "sha256":
            yield prefix + key, str(value)[:8]
        else:
            yield prefix + key, value if value not in ({}, []) else None
