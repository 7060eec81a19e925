"""The caches that a recipe wants: its sections ``[features.NAME]``, each options of stage one."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import SettingError, choices
from core.settings import shown, validate
from extract.settings import FREE, SUFFIXES, FeatureSettings

SECTION = "features"
OPTIONS = tuple(name for name in FeatureSettings.model_fields if name not in FREE)
"""What such a section may say: all that makes another cache."""

Tables = Mapping[str, Mapping[str, Any]]
"""Each section's options by its name."""


def checked(stated: object, where: str, home: Path) -> dict[str, dict[str, Any]]:
    """What a recipe states under ``features``, each value of a type that stage one takes.

    Args:
        stated: what is there.
        where: the recipe, for messages.
        home: the folder that a path of weights is relative to.

    Raises:
        SettingError: no sections, an unknown key (the nearest are named), or a value out of range.
    """
    if not isinstance(stated, Mapping):
        raise _no_section(f"{where}: {SECTION}", stated)
    return {name: _table(name, table, where, home) for name, table in stated.items()}


def told(names: Sequence[str]) -> str:
    """The sections of these names, in a sentence.

    Example:
        >>> told(["a", "b", "c"])
        'features.a, features.b and features.c'
    """
    *first, last = [f"{SECTION}.{name}" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _table(name: str, table: object, where: str, home: Path) -> dict[str, Any]:
    section = f"{where}: {SECTION}.{name}"
    if not isinstance(table, Mapping):
        raise _no_section(section, table)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise SettingError(f"{section}: choose a name of letters, digits, - and _")
    for key in table:
        if key not in OPTIONS:
            raise SettingError(f"{section}: unknown key {key!r}: {choices(key, OPTIONS)}")
    validate(FeatureSettings, table, section)
    if Path(table.get("weights", "")).suffix in SUFFIXES:
        return {**table, "weights": str(home / table["weights"])}
    return dict(table)


def _no_section(place: str, stated: object) -> SettingError:
    example = '[features.NAME] with options of stage one under it, such as backbone = "vgg19"'
    return SettingError(f"{place} = {shown(stated)}: write a section {example}")
