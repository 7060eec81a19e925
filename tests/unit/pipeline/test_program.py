"""Which program it is, where there is git and where there is none."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from core.version import VERSION
from pipeline.memory.program import PACKAGES, ROOT, code, commit, program

GIT = shutil.which("git")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The packages of a program, with a file each."""
    for package in PACKAGES:
        (tmp_path / "program" / package).mkdir(parents=True)
        (tmp_path / "program" / package / "a.py").write_text("x = 1\n")
    return tmp_path / "program"


def git(folder: Path, *words: str) -> str:
    mine = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ended = subprocess.run(
        ["git", "-C", str(folder), *mine, *words], capture_output=True, check=True, env=kept
    )
    return ended.stdout.decode().strip()


@pytest.mark.skipif(GIT is None, reason="there is no git")
def test_the_commit_and_whether_what_runs_was_changed(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tree, "init", "-q")
    assert commit(tree) == ""
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "x")
    head = git(tree, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tree / "elsewhere"))
    assert commit(tree) == head
    (tree / "README.md").write_text("no part of what runs")
    assert commit(tree) == head
    (tree / "core" / "new.py").write_text("")
    assert commit(tree) == f"{head}+changed"
    (tree / "core" / "new.py").unlink()
    (tree / "train" / "a.py").write_text("x = 2\n")
    assert commit(tree) == f"{head}+changed"


@pytest.mark.skipif(GIT is None, reason="there is no git")
def test_a_program_inside_another_one_s_checkout_has_no_commit(tree: Path) -> None:
    git(tree.parent, "init", "-q")
    git(tree.parent, "add", "-A")
    git(tree.parent, "commit", "-q", "-m", "x")
    assert commit(tree) == ""


@pytest.mark.parametrize(
    "fault", [FileNotFoundError(2, "git"), subprocess.TimeoutExpired("git", 5), UnicodeError()]
)
def test_no_answer_is_no_error(
    tree: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(subprocess, "run", fail)
    assert commit(tree) == ""


def test_the_code_is_the_names_and_bytes_of_what_runs(tree: Path) -> None:
    first = code(tree)
    (tree / "README.md").write_text("x")
    (tree / "core" / "a.pyc").write_text("x")
    assert code(tree) == first
    (tree / "core" / "a.py").rename(tree / "core" / "b.py")
    second = code(tree)
    (tree / "pipeline" / "r.toml").write_text("x = 1")
    assert len({first, second, code(tree)}) == 3


def test_code_that_cannot_be_read_is_not_known(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", fail)
    assert code(tree) == ""


def test_the_three() -> None:
    told = program()
    assert told["version"] == VERSION
    assert len(told["code"]) == 64


def test_the_programs_own_files_are_those_of_its_packages() -> None:
    assert [package for package in PACKAGES if not (ROOT / package / "__init__.py").is_file()] == []
    assert Path(__file__).is_relative_to(ROOT)
