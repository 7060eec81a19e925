"""A folder of plug-ins from outside, laid out like the packages that they belong to."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ROOT / "tests" / "contract" / "parts"
"""One small, complete system of each kind, for tests alone."""


@contextmanager
def added(folder: Path) -> Iterator[None]:
    """``folder/train/losses`` is part of ``train.losses`` inside, and so on; not so outside."""
    folder = folder.resolve()
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder of plug-ins")
    inner = [path for path in sorted(folder.rglob("*")) if path.is_dir()]
    parts = {path.relative_to(folder).as_posix().replace("/", "."): path for path in inner}
    there = {name: path for name, path in parts.items() if _is_package(name)}
    packages = {name: importlib.import_module(name) for name in there}
    for name, package in packages.items():
        package.__path__.append(str(there[name]))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for name, package in packages.items():
            package.__path__.remove(str(there[name]))
        _forget(folder)


def _is_package(name: str) -> bool:
    return ROOT.joinpath(*name.split("."), "__init__.py").is_file()


def _forget(folder: Path) -> None:
    """Drop the modules that came from ``folder``, so that nothing finds them any more."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and folder in Path(file).parents:
            del sys.modules[name]
            package, _, last = name.rpartition(".")
            vars(sys.modules[package]).pop(last, None)
    importlib.invalidate_caches()
