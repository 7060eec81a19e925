"""What a part computes, as digests of its source: so that a change of a formula is seen.

A part's *code* is its own file and the files of its stage that it imports, and those that these
import; the faces that all parts of a kind import hold no formula and do not count. Comments,
docstrings and the way in which a file is set out change no digest.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from core.files import read_regular
from core.modules import parse, source

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class _Import(NamedTuple):
    """``import module`` where there are no ``names``, else ``from module import names``."""

    level: int
    module: str
    names: tuple[str, ...]


class _Read(NamedTuple):
    """What is asked of a source."""

    digest: str
    imports: tuple[_Import, ...]


def code(modules: Iterable[str], faces: Collection[str]) -> dict[str, str]:
    """Module -> the SHA-256 of what its source says; nothing of it is imported.

    Args:
        modules: dotted names of parts; what they lean on is found.
        faces: dotted names of files that do not count, nor what is imported by them alone.

    Returns:
        Sorted by name; without a module that has no file.

    Raises:
        SettingError: a file is no Python; with the file and the line.
        OSError: a file cannot be read; with its name.
    """
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        file = None if module in found or module in faces else source(module)
        if file is None:
            continue
        read = _read(file, read_regular(file))
        found[module] = read.digest
        waiting += _imported(module, file, read.imports)
    return dict(sorted(found.items()))


def code_beside(file: Path) -> dict[str, str]:
    """Module -> the SHA-256 of what its source says: of a file from outside, in any folder.

    With it count the modules that it imports from its own folder, and those that these import.

    Raises:
        SettingError: a file is no Python; with the file and the line.
        OSError: a file cannot be read; with its name.
    """
    home, found, waiting = file.parent, {}, [file]
    while waiting:
        each = waiting.pop()
        name = ".".join(each.relative_to(home).with_suffix("").parts)
        if name not in found:
            read = _read(each, read_regular(each))
            found[name] = read.digest
            waiting += _beside(each, home, read.imports)
    return dict(sorted(found.items()))


def changed(then: Any, now: Mapping[str, str]) -> list[str]:
    """The files of ``now`` whose code was another, or was not there, ``then``.

    Args:
        then: what ``code`` gave when something was made; anything else tells nothing.
        now: what it gives of the same parts today.

    Returns:
        Paths such as ``train/losses/hinge.py``, sorted.

    Example:
        >>> changed({"train.losses.hinge": "ab"}, {"train.losses.hinge": "cd"})
        ['train/losses/hinge.py']
    """
    if not isinstance(then, Mapping):
        return []
    named = {str(name): digest for name, digest in then.items()}
    return [f"{n.replace('.', '/')}.py" for n in sorted(named) if named[n] != now.get(n)]


def _imported(module: str, file: Path, imports: Iterable[_Import]) -> Iterator[str]:
    """What a module imports of its own stage: ``a.b`` of ``from a import b`` where it is a file."""
    stage = module.partition(".")[0]
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    for level, name, taken in imports:
        above = package[: len(package) - level + 1] if level else []
        base = ".".join([*above, *filter(None, [name])])
        inner = [f"{base}.{each}" for each in taken]
        named = [each if _of(stage, each) and source(each) else base for each in inner]
        yield from (each for each in named or [base] if _of(stage, each))


def _beside(file: Path, home: Path, imports: Iterable[_Import]) -> Iterator[Path]:
    """The files below ``home`` that a file's imports may mean."""
    for level, name, taken in imports:
        above = file.parents[level - 1] if level else home
        for dotted in [f"{name}.{each}" for each in taken] or [name]:
            place = above
            for part in filter(None, dotted.split(".")):
                place = place / part
                both = place.with_suffix(".py"), place / "__init__.py"
                yield from (each for each in both if each.is_file() and home in each.parents)


def _of(stage: str, module: str) -> bool:
    return module.startswith(f"{stage}.")


@lru_cache(maxsize=512)  # a sweep asks the same files again and again
def _read(file: Path, data: bytes) -> _Read:
    """Of the ``data`` of a file; what is no source imports nothing."""
    if file.suffix != ".py":
        return _Read(sha256(data).hexdigest(), ())
    tree = parse(data, file)
    told = _told(tree).encode("utf-8", "surrogatepass")
    return _Read(sha256(told).hexdigest(), tuple(_imports(tree)))


def _imports(tree: ast.Module) -> Iterator[_Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_Import(0, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield _Import(node.level, node.module or "", tuple(each.name for each in node.names))


def _told(value: Any) -> str:
    """A syntax tree as text: what is empty is left out, since versions of Python differ in it."""
    if isinstance(value, list):
        return f"[{','.join(map(_told, value))}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    fields = {name: getattr(value, name, None) for name in value._fields}
    if isinstance(value, _DOCUMENTED) and ast.get_docstring(value, clean=False) is not None:
        fields["body"] = value.body[1:]
    told = (f"{name}={_told(each)}" for name, each in fields.items() if each not in (None, []))
    return f"{type(value).__name__}({','.join(told)})"
