"""The files of our modules, found and parsed, not run."""

import ast
import importlib
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from core.errors import SettingError
from core.files import read_regular


def parsed(file: Path) -> ast.Module:
    """The syntax of a source file.

    Raises:
        SettingError: it is no Python; with the file and the line.
        OSError: it cannot be read; with its name.
    """
    return parse(read_regular(file), file)


def parse(data: bytes, file: Path) -> ast.Module:
    """The syntax of what was read of a source file.

    Raises:
        SettingError: it is no Python; with the file and the line.
    """
    try:
        return ast.parse(data)
    except SyntaxError as error:
        where = f"line {error.lineno or 1}: {error.msg}"
        raise SettingError(f"{file} is no Python, {where}; mend that line") from None
    except ValueError as error:
        raise SettingError(f"{file} is no Python: {error}; mend that file") from None


def source(module: str) -> Path | None:
    """The file of a module by its dotted name, also in a folder from outside; None if none is.

    Only the first package of the name is imported.
    """
    first, *others = module.split(".")
    path, name = importlib.import_module(first).__path__, first
    file: str | None = None
    for each in others:
        name = f"{name}.{each}"
        spec = PathFinder.find_spec(name, path) if path else None
        if spec is None:
            return None
        file = spec.origin
        # A folder from outside is known to the package alone, and only once it is imported.
        path = getattr(sys.modules.get(name), "__path__", spec.submodule_search_locations or [])
    return Path(file) if file else None
