"""What begins with an underscore is known in its own room alone."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from test_imports import FILES, LAYERS, ROOT


def foreign(file: str, source: str) -> Iterator[str]:
    """Private modules, and private names of modules, that a file imports from another folder."""
    home = ".".join(PurePosixPath(file).parent.parts)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom | ast.Import):
            continue
        module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for name in (module + alias.name for alias in node.names):
            parts = name.split(".")
            private = next((n for n, part in enumerate(parts) if part.startswith("_")), None)
            if parts[0] in LAYERS and private and ".".join(parts[:private]) != home:
                yield name


@pytest.mark.parametrize("file", FILES)
def test_no_room_knows_what_is_private_to_another(file: str) -> None:
    assert list(foreign(file, (ROOT / file).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("pipeline/a.py", "from core.corpora._survey import survey", True),
        ("pipeline/a.py", "def f():\n    from core.corpora import _survey", True),
        ("core/a.py", "import core.corpora._survey", True),
        ("core/b.py", "from core.text import _words", True),
        ("core/corpora/folder.py", "from core.corpora._survey import survey", False),
        ("train/loop.py", "from torch.nn.modules.batchnorm import _BatchNorm", False),
        ("train/loop.py", "from __future__ import annotations", False),
    ],
)
def test_what_is_found(file: str, source: str, found: bool) -> None:
    assert bool(list(foreign(file, source))) == found
