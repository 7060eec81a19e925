"""Plug-ins by file name: the file ``train/losses/hinge.py`` is the value ``hinge``."""

import importlib
import pkgutil
from types import ModuleType

from core.errors import SettingError, choices


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
    known = names(package)
    if name not in known:
        kind = package.rpartition(".")[2].replace("_", " ")
        raise SettingError(f"unknown name {name!r} in {kind}: {choices(name, known)}")
    return importlib.import_module(f"{package}.{name}")
