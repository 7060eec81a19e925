"""Other caches than the recipe wants: one sentence before a training, which any caches may have."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import SettingError
from core.settings import validate
from core.several import between_commas
from core.store.manifest import sound_manifest
from extract.settings import SUFFIXES, FeatureSettings
from pipeline import recipe_files
from pipeline.recipe_features import told
from pipeline.typed.by_make import as_typed


def other_caches(recipe: str, caches: Sequence[Path]) -> list[str]:
    """A sentence where ``recipe`` wants a cache that is not among ``caches``.

    Nothing is said where a cache does not tell the options that made it.

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
    way = as_typed(f"all DATA --to train --recipe {recipe}", make=f"train RECIPE={recipe}")
    return [f"{recipe} wants {told(lacking)} too, not given here; {way} makes and takes them all"]


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
