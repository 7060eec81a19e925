"""Plug-ins by file name: the file ``train/losses/hinge.py`` is the value ``hinge``."""

import ast
import importlib
import pkgutil
import sys
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from core.errors import SettingError, TencropError, choices
from core.modules import parsed, source


def names(package: str) -> list[str]:
    """The plug-ins of a package, sorted; a file name that starts with ``_`` is none.

    Example:
        >>> "folder" in names("core.corpora")
        True
    """
    found = pkgutil.iter_modules(importlib.import_module(package).__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def load(package: str, name: str) -> ModuleType:
    """Import the plug-in ``name`` of ``package``.

    Raises:
        SettingError: there is no such file; the message names the nearest ones. Or it is broken: it
            cannot be imported; with the file and the line.
    """
    if not _is_imported(package, name):
        _require(package, name)
    try:
        return importlib.import_module(f"{package}.{name}")
    except (TencropError, MemoryError):
        raise
    except Exception as error:  # a part may fail in any way, and only who asks for it shall fail
        raise SettingError(_broken(f"{package}.{name}", error)) from error


def about(package: str, name: str, *, function: str | None = None) -> str:
    """``summary`` for a listing: of a file that is no Python it says that it is broken, and where.

    Raises:
        SettingError: there is no such file.
    """
    _require(package, name)
    try:
        return summary(package, name, function=function)
    except SettingError as error:
        return f"broken: {error}"


def summary(package: str, name: str, *, function: str | None = None) -> str:
    """The first line of a plug-in's docstring, or of the docstring of a function in it.

    The file is read, not run: to list plug-ins costs no import of what they need.

    Args:
        package: such as ``train.losses``.
        name: one of ``names(package)``.
        function: a function at the top of the file; where it is missing or says nothing, the
            file's own line is given.

    Returns:
        One line, without a final full stop; empty where the file has no docstring.

    Raises:
        SettingError: there is no such file, or it is no Python.

    Example:
        >>> summary("core.corpora", "folder").partition(":")[0]
        'A plain folder'
    """
    tree = _parsed(package, name)
    told = [ast.get_docstring(tree)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            told.insert(0, ast.get_docstring(node))
    return next(filter(None, told), "").strip().partition("\n")[0].removesuffix(".")


def constant(package: str, name: str, variable: str) -> Any:
    """The value of a variable at the top of a plug-in; the file is read, not run.

    Args:
        package: such as ``extract.backbones``.
        name: one of ``names(package)``.
        variable: is given a literal there.

    Raises:
        SettingError: there is no such file, or it does not say the value as a literal.

    Example:
        >>> constant("core.corpora", "scenes", "LISTING")
        'scenes.json'
    """
    for node in _parsed(package, name).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value and any(isinstance(each, ast.Name) and each.id == variable for each in targets):
            with suppress(ValueError):
                return ast.literal_eval(value)
    raise SettingError(f"{package}.{name} does not say what {variable} is; write {variable} = ...")


def told(error: Exception, file: Path | str) -> str:
    """What a file's code failed with, and in which of its lines, after the name of the file."""
    name = str(file)
    lines = [n for frame, n in walk_tb(error.__traceback__) if frame.f_code.co_filename == name]
    where = f", line {lines[-1]}" if lines else ""
    return f"{where}: {type(error).__name__}: {' '.join(str(error).split())}"


def _broken(module: str, error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename} is no Python, line {error.lineno}: {error.msg}; mend that line"
    file = str(source(module) or module)
    return f"{file} cannot be imported{told(error, file)}; mend that line"


def _is_imported(package: str, name: str) -> bool:
    """Whether no folder need be looked at: an epoch asks dozens of times, and one is long."""
    module = f"{package}.{name}"
    return name.isidentifier() and not name.startswith("_") and module in sys.modules


def _require(package: str, name: str) -> None:
    known = names(package)
    if name not in known:
        kind = package.rpartition(".")[2].replace("_", " ")
        raise SettingError(f"unknown name {name!r} in {kind}: {choices(name, known)}")


def _parsed(package: str, name: str) -> ast.Module:
    _require(package, name)
    file = source(f"{package}.{name}")
    if file is None or file.suffix != ".py":
        raise SettingError(f"{package}.{name} has no source to read; add its .py file")
    return parsed(file)
