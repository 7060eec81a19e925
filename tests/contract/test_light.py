"""Nobody waits for what is not needed: the light rooms, and the commands that compute nothing.

A file of a light room imports no heavy library at its top, nor does anything that it imports there.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pytest
from test_imports import FILES, ROOT

from core import plugins
from pipeline.cli import COMMANDS

HEAVY = {
    *("torch", "torchvision", "safetensors", "nltk", "pyarrow", "scipy"),
    *("matplotlib", "optuna", "tensorboard", "sklearn", "umap"),
    *("fastapi", "starlette", "uvicorn", "h11", "faiss"),
}
LIGHT = {
    "core": None,
    "pipeline": None,
    "extract": {"settings", "transform", "families", "code", "digests", "stated", "found"},
    "train": {
        *("schema", "recipe", "keys", "outline", "plan", "measured", "seen", "identity"),
        *("record", "states", "settled", "verify", "finished", "restored", "opened", "former"),
    },
    "evaluate": {"judge", "report", "kept", "measures", "hits", "chance", "table"},
}
"""The light files of each room; None: all but those of ``HEAVY_FILES``."""
SERVING = ("app", "heads", "page_routes", "patient", "pictures", "searches", "server")
HEAVY_FILES = {
    *("pipeline/fitting.py", "pipeline/foreign/apart.py", "pipeline/foreign/keeping.py"),
    *(f"pipeline/served/{name}.py" for name in SERVING),
}
"""What is imported where something is to be computed."""
SOURCES = {file: (ROOT / file).read_text(encoding="utf-8") for file in FILES}


def light_files() -> list[str]:
    found = []
    for file in FILES:
        room, _, rest = file.partition("/")
        chosen = LIGHT.get(room, set())
        inside = chosen is None or rest.removesuffix(".py") in chosen
        if inside and file not in HEAVY_FILES:
            found.append(file)
    return found


def at_the_top(source: str) -> Iterator[str]:
    """Each dotted name that is imported when the file is; not inside a function, nor for types."""
    waiting: list[ast.stmt] = list(ast.parse(source).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)]


@cache
def tops(file: str) -> tuple[str, ...]:
    """What a file of ours imports at its top; many roads pass it, and it is parsed once."""
    return tuple(at_the_top(SOURCES[file]))


@cache
def ours(name: str) -> str | None:
    """The file of the module that ``name`` is, or is from."""
    for parts in (name.split("."), name.split(".")[:-1]):
        for file in (f"{'/'.join(parts)}.py", f"{'/'.join(parts)}/__init__.py"):
            if file in SOURCES:
                return file
    return None


def roads(file: str) -> Iterator[list[str]]:
    """How ``file`` comes to each heavy library: the files between them, then its name."""
    seen, waiting = {file}, [[file]]
    while waiting:
        road = waiting.pop()
        for name in tops(road[-1]):
            inner = ours(name)
            if name.partition(".")[0] in HEAVY:
                yield [*road, name]
            elif inner and inner not in seen:
                seen.add(inner)
                waiting.append([*road, inner])


@pytest.mark.parametrize("file", light_files())
def test_a_light_file_comes_to_no_heavy_library(file: str) -> None:
    assert list(roads(file)) == []


def test_every_light_file_is_there_and_the_heavy_ones_are_heavy() -> None:
    named = {f"{room}/{name}.py" for room, names in LIGHT.items() for name in names or ()}
    assert named <= set(light_files())
    assert all(list(roads(file)) for file in HEAVY_FILES)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import torch", ["torch"]),
        ("from torch import nn", ["torch.nn"]),
        ("try:\n    import torch\nexcept ImportError:\n    pass", ["torch"]),
        ("class A:\n    import torch", ["torch"]),
        ("def f():\n    import torch", []),
        ("class A:\n    def f(self):\n        import torch", []),
        ("if TYPE_CHECKING:\n    import torch\nelse:\n    import json", ["json"]),
    ],
)
def test_what_is_imported_at_the_top(source: str, names: list[str]) -> None:
    assert list(at_the_top(source)) == names


CHILD = """
import sys
from pipeline.cli import main
try:
    main(sys.argv[1:])
finally:
    print(sorted({name.partition(".")[0] for name in sys.modules} & set(%r)), file=sys.stderr)
"""


def imported(folder: Path, *words: object) -> tuple[int, str]:
    """Type a command in a process of its own: its exit code, and which heavy libraries it has."""
    told = {"PYTHONPATH": str(ROOT), "COMP_WORDS": "", "COMP_CWORD": ""}
    child = [sys.executable, "-c", CHILD % sorted(HEAVY - {"safetensors"}), *map(str, words)]
    ended = subprocess.run(
        child, cwd=folder, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["recipes"],
        ["list"],
        *([name, "--help"] for name in plugins.names(COMMANDS) if name != "train"),
        *([*name.split(), "--help"] for name in ("recipes show", "cache info", "run verify")),
    ],
    ids=" ".join,
)
def test_what_computes_nothing_waits_for_nothing(words: list[str], tmp_path: Path) -> None:
    assert imported(tmp_path, *words) == (0, "[]")


def test_the_help_of_train_teaches_more_than_torch_costs(tmp_path: Path) -> None:
    code, heavy = imported(tmp_path, "train", "--help")
    assert (code, heavy) == (0, "['torch']")


@pytest.mark.parametrize("words", [["features", "none"], ["cache", "info", "x"]])
def test_what_is_typed_wrong_is_said_at_once(words: list[str], tmp_path: Path) -> None:
    assert imported(tmp_path, *words) == (1, "[]")


def test_a_matrix_that_was_ranked_before_waits_for_nothing(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["similarity"] = np.eye(2)
        file["image_id"] = file["caption_id"] = ["a", "b"]
        file["owner"] = [0, 1]
    (tmp_path / "work").mkdir()
    words = ("evaluate", "--from-similarity", "a.h5")
    first, again = imported(tmp_path, *words), imported(tmp_path, *words)
    assert first[0] == again[0] == 0
    assert "torch" in first[1]
    assert again[1] == "[]"


def test_the_face_for_programs_reads_no_command_line() -> None:
    told = "import sys, pipeline.searched.embedder; print(*sys.modules)"
    words = [sys.executable, "-c", told]
    there = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "pipeline.typed.made" in there.split()
    assert not {"pipeline.typed.options", "pipeline.typed.click_types"} & {*there.split()}
