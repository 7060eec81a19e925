"""The recipes as files: by name, or a TOML file of the user's."""

import tomllib
from pathlib import Path
from typing import Any

from core.errors import SettingError, choices
from core.files import IrregularFile, read_regular
from pipeline import recipes
from pipeline.recipe_features import SECTION, Tables, checked


def names() -> list[str]:
    """The recipes that are there, sorted."""
    return sorted(
        {file.stem for folder in recipes.__path__ for file in Path(folder).glob("*.toml")}
    )


def read(name: str) -> dict[str, Any]:
    """The settings of a recipe by name, or of a TOML file of the user's by its path.

    Raises:
        SettingError: no such recipe (the nearest are named), or the file is not TOML or no file; or
            as ``pipeline.recipe_features.checked``.
    """
    path = _find(name)
    if path is None:
        hint = choices(name, names())
        raise SettingError(f"unknown recipe {name!r}: {hint}; or give the path of a .toml file")
    try:
        raw = tomllib.loads(read_regular(path).decode())
    except IrregularFile as error:
        raise SettingError(f"{path} {error.strerror}; give the path of a .toml file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not TOML: {error}; mend that line") from None
    if SECTION in raw:
        raw[SECTION] = checked(raw[SECTION], name, path.parent)
    return raw


def features(name: str) -> Tables:
    """The caches that a recipe wants (see ``pipeline.recipe_features``).

    Raises:
        SettingError: as ``read``.
    """
    found: Tables = read(name).get(SECTION, {})
    return found


def _find(name: str) -> Path | None:
    own = Path(name)
    files = [own] if own.suffix == ".toml" else [Path(p) / f"{name}.toml" for p in recipes.__path__]
    return next((file for file in files if file.exists()), None)
