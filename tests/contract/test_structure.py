"""The shape of the house: short files, short functions, no circle, and no logic in ``__init__``.

A file's lines are all of its lines; ``__init__.py`` does not count. A function's lines run from its
``def`` to its end, without decorators and without the docstring: to say what a function needs and
raises shall cost it nothing.
"""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from statistics import median

import pytest
from test_imports import FILES, ROOT

FILE_MEDIAN, FUNCTION_MEDIAN, FUNCTION_LONGEST = 80, 8, 60
SOURCES = {file: (ROOT / file).read_text(encoding="utf-8") for file in FILES}


def functions(file: str, source: str) -> Iterator[tuple[int, str]]:
    """(lines, where) of each function and method, inner ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = node.body[0] if ast.get_docstring(node) is not None else None
            docstring = _lines(told) if told else 0
            yield _lines(node) - docstring, f"{file}:{node.lineno} {node.name}"


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def imports(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Each of our modules, and which of ours it imports, at its top or inside a function."""
    ours = {_module(file) for file in sources}
    return {_module(file): set(_imported(source, ours)) for file, source in sources.items()}


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(source: str, ours: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in ours)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from [name for name in (inner, node.module) if name in ours][:1]


def circle(sources: Mapping[str, str]) -> list[str]:
    """The modules of one import circle in their order; empty where there is none."""
    try:
        TopologicalSorter(imports(sources)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def has_logic(source: str) -> bool:
    """Whether a module holds more than a docstring, imports and ``__all__``."""
    tree = ast.parse(source)
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    return not all(
        isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets) == "__all__")
        for node in body
    )


def test_files_are_short() -> None:
    lengths = {f: len(s.splitlines()) for f, s in SOURCES.items() if not f.endswith("__init__.py")}
    longest = sorted(lengths, key=lambda file: lengths[file])[-5:]
    assert median(lengths.values()) <= FILE_MEDIAN, f"the longest: {longest}"


def test_functions_are_short() -> None:
    found = [each for file, source in SOURCES.items() for each in functions(file, source)]
    assert median(lines for lines, _ in found) <= FUNCTION_MEDIAN, f"the longest: {max(found)}"
    assert [each for each in found if each[0] > FUNCTION_LONGEST] == []


def test_no_module_imports_itself_through_others() -> None:
    assert circle(SOURCES) == []


def test_no_logic_in_init_files() -> None:
    found = {f for f, s in SOURCES.items() if f.endswith("__init__.py") and has_logic(s)}
    assert found == set()


def test_the_lines_of_a_function() -> None:
    source = (
        '@cache\ndef f(\n    x,\n):\n    """Say.\n\n    More.\n    """\n    return x\n\n\ny = 1\n'
    )
    assert list(functions("a.py", source)) == [(4, "a.py:2 f")]
    method = (
        "class A:\n    async def f(self):\n        def g():\n            pass\n        return g\n"
    )
    assert {(lines, where.split()[-1]) for lines, where in functions("a.py", method)} == {
        (4, "f"),
        (2, "g"),
    }


@pytest.mark.parametrize(
    "last",
    ["import core.a", "from core import a", "from core.a import x", "def f():\n    import core.a"],
)
def test_a_circle_is_found(last: str) -> None:
    sources = {
        "core/__init__.py": "",
        "core/a.py": "from core.b import y",
        "core/b.py": "import torch, core.c",
        "core/c.py": last,
    }
    assert set(circle(sources)) == {"core.a", "core.b", "core.c"}
    assert circle(sources | {"core/c.py": "import json\nfrom core import store"}) == []


@pytest.mark.parametrize(
    ("source", "logic"),
    [
        ('"""Say."""', False),
        ("", False),
        ('"""Say."""\n\nfrom core import a\nimport b\n\n__all__ = ["a", "b"]', False),
        ('"""Say."""\nx = 1', True),
        ('"""Say."""\n"""Say more."""', True),
        ("def f():\n    pass", True),
        ("if True:\n    import b", True),
    ],
)
def test_what_is_logic(source: str, logic: bool) -> None:
    assert has_logic(source) is logic
