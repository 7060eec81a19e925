"""The recipes: one TOML file a published system, its settings and nothing else."""

import tomllib
from pathlib import Path
from typing import Any

from core.errors import SettingError, choices

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The recipes that are there, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def read(name: str) -> dict[str, Any]:
    """The settings of a recipe by name, or of a TOML file of the user's by its path.

    Raises:
        SettingError: no such recipe (the nearest are named), or the file is not TOML.
    """
    own = Path(name)
    path = own if own.suffix == ".toml" else FOLDER / f"{name}.toml"
    if not path.is_file():
        hint = choices(name, names())
        raise SettingError(f"unknown recipe {name!r}: {hint}; or give the path of a .toml file")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not TOML: {error}; mend that line") from None
