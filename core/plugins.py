"""Plug-ins by file name: the file ``train/losses/hinge.py`` is the value ``hinge``."""

import ast
import importlib
import pkgutil
from contextlib import suppress
from types import ModuleType
from typing import Any

from core.errors import SettingError, choices
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
        SettingError: there is no such file; the message names the nearest ones.
    """
    _require(package, name)
    return importlib.import_module(f"{package}.{name}")


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
