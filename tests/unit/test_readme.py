"""The README tells of what is there: every file of the tree, every command, every variable."""

import re
from pathlib import Path

from core.plugins import names

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("benchmarks", "core", "evaluate", "extract", "pipeline", "train")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tree_lists_every_file() -> None:
    tree = README.split("## The tree")[1].split("```")[1]
    told, folders = set(), {}
    for line in tree.strip().splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        parent = folders.get(depth - 1, "") if depth else ""
        if name.endswith("/"):
            folders[depth] = parent + name
        else:
            told.add(parent + name)
    there = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for pattern in ("*.py", "*.toml")
        for file in (ROOT / package).rglob(pattern)
        if file.name != "__init__.py"
    }
    assert there - told == set()
    assert {name for name in told if name.startswith(PACKAGES)} - there == set()


def test_every_command_is_a_command() -> None:
    typed = set(re.findall(r"python -m pipeline (\w+)", README))
    assert typed
    assert typed <= set(names("pipeline.commands"))


def test_every_variable_and_target_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    variables = set(re.findall(r"^([A-Z]+) +\?=", makefile, re.MULTILINE))
    told = set(re.findall(r"\b([A-Z]{3,})=", README))
    assert told
    assert told <= variables
    assert all(f"\n{target}: " in makefile for target in re.findall(r"\nmake (\w+)", README))
