"""A function in a person's own file as a sentence encoder.

The file has a function ``encode(texts: list[str]) -> (N, D) float32`` under any name, and where it
reads weights a function or a list ``weights``: the paths of these files, from the file's folder.
"""

import sys
from collections.abc import Iterable
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.code import code_beside
from core.errors import SettingError, TencropError, choices
from core.files import file_sha256, json_sha256
from core.plugins import told
from extract.texts.encoder import Known, TextEncoder

WEIGHTS = "weights"
MEND = "mend that line"


def open_module(file: Path, function: str, known: Known = lambda facts: None) -> TextEncoder:
    """The function of this name in ``file``, whose ``code`` is ``known`` before it is run.

    Raises:
        SettingError: there is no such file or function, the file cannot be imported, or what it
            says of its weights is no list of files.
        OSError: a file cannot be read; with its name.
    """
    if not file.is_file():
        raise SettingError(f"--text: {file} is not there; give the path of a Python file")
    home = file.resolve()
    code = {"code": json_sha256(code_beside(home))}
    known(code)
    module = _imported(home)
    encode = getattr(module, function, None)
    if not callable(encode):
        there = [name for name, value in vars(module).items() if _own(value, module)]
        raise SettingError(f"{file} has no function {function!r}: {choices(function, there)}")
    return TextEncoder(
        name=f"{home.stem}.{function}",
        spec=f"{home}:{function}",
        facts={**code, "weights": _digest(home, module)},
        encode=encode,
        fault=partial(_fault, home),
        libraries={"numpy": np.__version__},
    )


def _imported(file: Path) -> ModuleType:
    """The module, run anew; what lies beside it can be imported by it."""
    name = f"text_encoder_{file.stem}"
    spec = spec_from_file_location(name, file)
    assert spec, "the file ends with .py"
    assert spec.loader, "and so has a loader"
    module = module_from_spec(spec)
    sys.modules[name] = module  # what it defines may look for its own module
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    try:
        spec.loader.exec_module(module)
    except (TencropError, MemoryError):
        raise
    except Exception as error:  # a person's file may fail in any way
        raise SettingError(f"{file} cannot be imported{told(error, file)}; {MEND}") from error
    return module


def _own(value: Any, module: ModuleType) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module.__name__


def _digest(file: Path, module: ModuleType) -> str:
    """Of the names and the bytes of the files that the module says are its weights; or ""."""
    stated = getattr(module, WEIGHTS, ())
    try:
        listed: Iterable[Any] = stated() if callable(stated) else stated
        paths = [file.parent / path for path in listed]
    except Exception as error:
        raise SettingError(
            f"{file}: {WEIGHTS} is no list of files, nor a function that gives one"
            f"{told(error, file)}; return the paths of the files that it reads"
        ) from error
    return json_sha256([[path.name, file_sha256(path)] for path in paths]) if paths else ""


def _fault(file: Path, error: Exception) -> str:
    return f"{file} failed{told(error, file)}"
