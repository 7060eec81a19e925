"""What a configuration is called beside others: what they all share goes without saying."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.sweeps.points import Configuration
from pipeline.typed.several import paths

WEIGHTS = "features.weights"


def labels(configurations: Sequence[Configuration]) -> list[str]:
    """A label each: the recipe, then what tells it from others of the same recipe.

    Example:
        >>> from pathlib import Path
        >>> a, b = (Configuration("bag", (Path("f/x"),), (("lr", v), ("n", 1))) for v in (0.1, 0.2))
        >>> labels([a, b])
        ['bag lr=0.1', 'bag lr=0.2']
    """
    groups = {each.group for each in configurations}
    keys = _ends([key for each in configurations for key, _ in _stated(each)])
    told = []
    for each, cache in zip(configurations, _cache_names(configurations), strict=True):
        named = f"({each.group})" if len(groups) > 1 and not _usual(each.group) else ""
        alike = [dict(_stated(other)) for other in configurations if other.name == each.name]
        settings = [
            f"{keys[key]}={short(value)}"
            for key, value in _stated(each)
            if len({repr(other.get(key)) for other in alike}) > 1
        ]
        told.append(" ".join(filter(None, [each.name, named, cache, *settings])))
    return told


def whole(configuration: Configuration) -> str:
    """All that a configuration is.

    Example:
        >>> from pathlib import Path
        >>> whole(Configuration("bag", (Path("f/x"),), (("lr", 0.123456),)))
        'bag x lr=0.1235'
    """
    caches = "+".join(cache.name for cache in configuration.caches)
    settings = [f"{key}={short(value)}" for key, value in _stated(configuration)]
    return " ".join(filter(None, [configuration.name, caches, *settings]))


def _stated(configuration: Configuration) -> list[tuple[str, Any]]:
    """What it states; of weights the names of the files."""
    return [
        (key, "+".join(Path(each).name for each in paths(value)) if key == WEIGHTS else value)
        for key, value in configuration.stated
    ]


def _usual(group: str) -> bool:
    """Whether a table was given no name of its own."""
    return group.partition(" ")[0] in ("grid", "study")


def _cache_names(configurations: Sequence[Configuration]) -> list[str]:
    """What tells the caches apart, without what the names of all begin with; or nothing."""
    used = [tuple(cache.name for cache in each.caches) for each in configurations]
    if len(set(used)) == 1:
        return [""] * len(configurations)
    names = sorted({name for each in used for name in each})
    shared = os.path.commonprefix(names) if len(names) > 1 else ""
    told = {name: name[shared.rfind("-") + 1 :] for name in names}
    without_key = {name: each.rpartition("-")[0] for name, each in told.items()}
    if all(without_key.values()) and len(set(without_key.values())) == len(names):
        told = without_key
    return ["+".join(told[name] for name in each) for each in used]


def _ends(keys: Sequence[str]) -> dict[str, str]:
    """Of each key its last part, where no other key ends so."""
    ends = {key: key.rpartition(".")[2] for key in keys}
    many = Counter(ends.values())
    return {key: end if many[end] == 1 else key for key, end in ends.items()}


def short(value: Any) -> str:
    """A value for a person: a drawn number has more digits than tell."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
