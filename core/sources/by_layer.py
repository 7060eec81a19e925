"""What made the numbers of a cache: of all its layers, of some, or of several that are told."""

from collections.abc import Iterable, Mapping
from typing import Any

BY_LAYER = ("layers", "own_weights")
"""The facts that tell of each layer what is its own."""


def of_layers(made_by: Mapping[str, Any], layers: Iterable[str]) -> dict[str, Any]:
    """``made_by`` without what it says of other layers: as if these had been made alone."""
    wanted = set(layers)
    told = {key: value for key, value in made_by.items() if key not in BY_LAYER}
    for key in BY_LAYER:
        if own := {name: each for name, each in made_by.get(key, {}).items() if name in wanted}:
            told[key] = own
    return told


def together(made_by: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``made_by`` with the layers of those ``others`` that are made alike but for the layer."""
    alike = [each for each in others if of_layers(each, ()) == of_layers(made_by, ())]
    told = dict(made_by)
    for key in BY_LAYER:
        if own := {
            name: each[key][name] for each in [*alike, made_by] for name in each.get(key, {})
        }:
            told[key] = dict(sorted(own.items()))
    return told
