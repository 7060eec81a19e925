"""Other caches than the recipe wants: one sentence before a training, which any caches may have."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import SettingError
from core.settings import validate
from core.several import between_commas
from core.store.manifest import sound_manifest
from extract.settings import SUFFIXES, FeatureSettings
from pipeline import recipe_files
from pipeline.recipe_features import OPTIONS, Tables, told
from pipeline.typed.by_make import as_typed, dashed
from pipeline.typed.several import WEIGHTS, with_commas
from pipeline.wanted import own_backbones

DEFAULT = FeatureSettings.model_fields[WEIGHTS].default
Options = Mapping[str, str]
"""Options of stage one with their values as they are typed."""


def other_caches(recipe: str, caches: Sequence[Path], way: Callable[[Options], str]) -> list[str]:
    """A sentence where ``recipe`` wants a cache that is not among ``caches``.

    Nothing is said where a cache does not tell the options that made it.

    Args:
        recipe: its name, or the path of its file.
        caches: those that are given.
        way: what to type, of the options of stage one by which these were made and that the recipe
            does not say by itself.

    Raises:
        SettingError: there is no such recipe.
    """
    tables = recipe_files.features(recipe)
    stated = [_settings(cache) for cache in caches] if tables else []
    made = [settings for settings in stated if settings is not None]
    if len(made) < len(caches):
        return []
    lacking = [name for name, table in tables.items() if not _among(table, made)]
    if not lacking:
        return []
    makes = f"{way(_given(tables, made))} makes and takes them all"
    return [f"{recipe} wants {told(lacking)} too, not given here; {makes}"]


def by_all(data: Path, recipe: str, typed: Sequence[str]) -> Callable[[Options], str]:
    """The way by `all`, with what else was ``typed`` of the training."""

    def way(given: Options) -> str:
        options = [word for key, value in given.items() for word in (dashed(key), value)]
        words = ["all", str(data), "--to", "train", "--recipe", recipe, *options, *typed]
        return as_typed(shlex.join(words))

    return way


def in_a_sweep(given: Options) -> str:
    """The way in a sweep's file."""
    told = ", ".join(f"{key} = {json.dumps(value)}" for key, value in given.items())
    table = f"{{ {told} }}" if told else "{}"
    return f"features = {table} in the place of cache"


def _given(tables: Tables, made: Sequence[FeatureSettings]) -> dict[str, str]:
    own = own_backbones(tables)
    backbones = own or list(dict.fromkeys(each.backbone for each in made))
    given = {} if own else {"backbone": ",".join(backbones)}
    usual = [_weights_of(tables, backbone) for backbone in backbones]
    known = {each.backbone: each.weights for each in made}
    weights = [known.get(name, or_else) for name, or_else in zip(backbones, usual, strict=True)]
    if weights != usual:
        given[WEIGHTS] = with_commas(weights)
    stated = {key for table in tables.values() for key in table}
    for key in (name for name in OPTIONS if name not in {"backbone", WEIGHTS, *stated}):
        values = {getattr(each, key) for each in made}
        if len(values) == 1 and values != {FeatureSettings.model_fields[key].default}:
            given[key] = str(values.pop())
    return given


def _weights_of(tables: Tables, backbone: str) -> str:
    serving = (t for t in tables.values() if t.get("backbone", backbone) == backbone)
    return next((str(t[WEIGHTS]) for t in serving if WEIGHTS in t), DEFAULT)


def _settings(cache: Path) -> FeatureSettings | None:
    """What made the cache; None where it is not known."""
    with suppress(SettingError, OSError, KeyError, TypeError):
        manifest = sound_manifest(cache) or {}
        return validate(FeatureSettings, manifest["made_with"]["settings"], str(cache))
    return None


def _among(table: Mapping[str, Any], made: Sequence[FeatureSettings]) -> bool:
    """Whether a cache of each backbone that the table serves is there."""
    served = [table["backbone"]] if "backbone" in table else {each.backbone for each in made}
    return all(any(each.backbone == one and _fits(table, each) for each in made) for one in served)


def _fits(table: Mapping[str, Any], made: FeatureSettings) -> bool:
    """Whether the options of ``table``, over those that made a cache, would make the same."""
    over = dict(table)
    if set(between_commas(str(over.get("layer", made.layer)))) <= set(made.layers):
        over["layer"] = made.layer
    if {Path(each).suffix for each in (over.get("weights", ""), made.weights)} & {*SUFFIXES}:
        over["weights"] = made.weights  # a file may lie anywhere
    wanted = validate(FeatureSettings, {**made.model_dump(), **over}, "options")
    with suppress(SettingError):
        return wanted.canonical() == made.canonical()
    return False
