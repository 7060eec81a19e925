"""The README tells of what is there: the tree, every command, every variable."""

import re
from pathlib import Path

from core.plugins import names
from tests import readme_tree

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tree_is_what_make_tree_writes() -> None:
    assert readme_tree.split(README)[1] == readme_tree.tree(), "run `make tree`"


def test_the_tree_tells_of_every_part() -> None:
    told = readme_tree.tree().splitlines()
    for name in ("scenes.py", "vse++.toml", "linear.py", "_places.py", "__main__.py"):
        assert any(line.split()[0] == name for line in told)
    assert not any("__init__" in line or "__pycache__" in line for line in told)
    assert all(line.split(maxsplit=1)[1:] for line in told)
    assert not any(line.endswith(" et al") or line.count("(") > line.count(")") for line in told)


def test_every_command_is_a_command() -> None:
    typed = set(re.findall(r"\bbin/tencrop (\w+)", README))
    assert typed
    # What `python` is depends on what is activated; nothing is, after `make setup`.
    assert not re.search(r"^\$? ?(python|tencrop) |`(python -m pipeline|tencrop) \w", README, re.M)
    assert typed <= set(names("pipeline.commands"))


def test_every_variable_and_target_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    variables = set(re.findall(r"^([A-Z_]+) +\?=", makefile, re.MULTILINE))
    variables |= {"DATA", "ARGS", "FILE", "FROM", "RUNS"}
    variables |= set(re.findall(r"\b([A-Z_]+):[a-z]", makefile))
    told = set(re.findall(r"\b([A-Z_]{3,})=", README)) - {"NAME"}
    assert told
    assert told <= variables
    rows = re.search(r"\| variable .*?\n\n", README, re.DOTALL)
    assert rows is not None
    firsts = [row.split("|")[1] for row in rows[0].splitlines() if "|" in row]
    listed = {name for first in firsts for name in re.findall("`([A-Z_]+)`", first)}
    assert listed == variables - {"PYTHON", "HOST"}
    assert all(f"\n{target}: " in makefile for target in re.findall(r"\nmake (\w+)", README))
