"""Which caches are to be made: by what was typed of stage one, and by what the recipe wants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import SettingError
from core.settings import validate
from extract.settings import SUFFIXES, FeatureSettings
from pipeline.recipe_features import OPTIONS, Tables, told
from pipeline.typed.by_make import option
from pipeline.typed.several import COMMA, names, paths


@dataclass(frozen=True, slots=True)
class Wanted:
    """The caches to make, one after another, and what to say of them first."""

    caches: tuple[FeatureSettings, ...]
    notes: tuple[str, ...] = ()


class AskedBackbone(NamedTuple):
    """A backbone that is asked for; ``weights`` are those that were typed for it, if any were."""

    backbone: str
    weights: str | None


def wanted(typed: FeatureSettings, tables: Tables, recipe: str = "") -> Wanted:
    """The caches of the backbones that were typed, or else of the recipe's own.

    A table with a backbone is a cache of this one, a table without serves each that is asked for; a
    backbone that none serves has one cache, as typed. What was typed goes before what tables say.

    Args:
        typed: what was typed is set; ``backbone`` and ``weights`` may be several.
        tables: the caches that the recipe wants (see ``pipeline.recipe_features``).
        recipe: what it is called.

    Raises:
        SettingError: not as many weights as backbones, or settings that do not go together.
    """
    asked = asked_backbones(typed, tables)
    found: dict[FeatureSettings, str] = {}
    notes = [*_left_out(typed, tables, asked, recipe), *_overruled(typed, tables, asked, recipe)]
    for network in asked:
        for name, table in (_serving(tables, network.backbone) or {"": {}}).items():
            settings = _joined(table, typed, network).canonical()
            if settings in found:
                notes.append(f"{recipe}: {told([found[settings], name])} are one cache")
            found.setdefault(settings, name)
    return Wanted(tuple(found), tuple(notes))


def asked_backbones(typed: FeatureSettings, tables: Tables) -> list[AskedBackbone]:
    """The backbones that are asked for, each with its weights, where these were typed.

    Raises:
        SettingError: not as many weights as backbones, or the same twice.
    """
    backbones = names(typed.backbone)
    if "backbone" not in typed.model_fields_set:
        backbones = own_backbones(tables) or backbones
    found = list(map(AskedBackbone, backbones, _weights(typed, backbones)))
    twice = next((each for n, each in enumerate(found) if each in found[:n]), None)
    if twice:
        given = option("backbone", typed.backbone)
        raise SettingError(f"{given}: {twice.backbone} twice with the same weights; name it once")
    return found


def own_backbones(tables: Tables) -> list[str]:
    """The backbones that a recipe wants, each once, in its order."""
    return list(dict.fromkeys(str(t["backbone"]) for t in tables.values() if "backbone" in t))


def _weights(typed: FeatureSettings, backbones: Sequence[str]) -> Sequence[str | None]:
    if "weights" not in typed.model_fields_set:
        return [None] * len(backbones)
    given = paths(typed.weights)
    if len(given) == len(backbones) and (all(given) or len(given) == 1):
        return given
    if len(given) == 1 and all(given) and Path(given[0]).suffix not in SUFFIXES:
        return given * len(backbones)
    whose = ", ".join(
        f"{backbone} has {weights or 'none'}" if backbone else f"{weights} is of none"
        for backbone, weights in zip_longest(backbones, given)
    )
    raise SettingError(
        f"{option('weights', typed.weights)}: {whose}; give one for each backbone, in their order, "
        f"or one name for all, such as DEFAULT or random ({COMMA})"
    )


def _serving(tables: Tables, backbone: str) -> Tables:
    return {n: t for n, t in tables.items() if t.get("backbone", backbone) == backbone}


def _joined(
    table: Mapping[str, Any], typed: FeatureSettings, network: AskedBackbone
) -> FeatureSettings:
    own = typed.model_dump(include=typed.model_fields_set)
    values = {**table, **own, "backbone": network.backbone}
    if network.weights is not None:
        values["weights"] = network.weights
    return validate(FeatureSettings, values, "options")


def _left_out(
    typed: FeatureSettings, tables: Tables, asked: Sequence[AskedBackbone], recipe: str
) -> Iterator[str]:
    there = {network.backbone for network in asked}
    others = [
        name for name, table in tables.items() if table.get("backbone", "") not in {"", *there}
    ]
    if others:
        of = " and ".join(own_backbones({name: tables[name] for name in others}))
        given, none = (option("backbone", name) for name in (typed.backbone, "''"))
        yield f"left out of {recipe}: {told(others)}, of {of}, by {given} ({none}: all it wants)"


def _overruled(
    typed: FeatureSettings, tables: Tables, asked: Sequence[AskedBackbone], recipe: str
) -> Iterator[str]:
    used = {
        name: table for each in asked for name, table in _serving(tables, each.backbone).items()
    }
    for key in OPTIONS:
        if key == "backbone" or key not in typed.model_fields_set:
            continue
        value = getattr(typed, key)
        other = [name for name, table in used.items() if table.get(key, value) != value]
        if other:
            yield f"{option(key, value)} goes before {told(other)} of {recipe}"
