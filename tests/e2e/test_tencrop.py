"""`bin/tencrop`: this checkout's program from any folder, by any name; and what shells complete."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout at a place with odd names, whose .venv is this Python."""
    root = tmp_path / 'a place: it\'s "odd" $HOME'
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / "bin").mkdir()
    shutil.copy2(ROOT / "bin" / "tencrop", root / "bin")
    for name in ("core", "extract", "train", "evaluate", "pipeline"):
        (root / name).symlink_to(ROOT / name)
    python = root / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return root


def typed(
    program: Path | str, *words: str, cwd: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if "TENCROP" not in name}
    return subprocess.run(
        [str(program), *words],
        cwd=cwd,
        env=clean | more,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_from_any_folder_through_any_links(checkout: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "my bin").mkdir(parents=True)
    (here / "pipeline").mkdir()
    (here / "pipeline" / "__init__.py").write_text("raise SystemExit('another pipeline')")
    (here / "json.py").write_text("raise SystemExit('another json')")
    (here / "first").symlink_to(checkout / "bin" / "tencrop")
    (here / "my bin" / "my tencrop").symlink_to("../first")
    found = os.path.relpath(checkout / "bin" / "tencrop", here)
    path = f"{here / 'my bin'}:{os.environ['PATH']}"
    for program in (found, here / "first", here / "my bin" / "my tencrop", "my tencrop"):
        said = typed(program, "recipes", cwd=here, PATH=path)
        assert said.returncode == 0, said.stderr
        assert "\nvse++ " in said.stdout


def test_paths_are_from_where_one_stands(checkout: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    said = typed(checkout / "bin" / "tencrop", "scenes", "-x", cwd=here)
    assert said.returncode == 1
    words = ("scenes", "drawn", "--train", "2", "--val", "2", "--test", "2")
    assert typed(checkout / "bin" / "tencrop", *words, cwd=here).stdout == "drawn\n"
    assert (here / "drawn" / "scenes.json").exists()


def test_it_is_named_as_it_was_called(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "tc").symlink_to(checkout / "bin" / "tencrop")
    path = f"{tmp_path}:{os.environ['PATH']}"
    for program in ("tc", "./tc", tmp_path / "tc"):
        told = "tc" if program == tmp_path / "tc" else program  # the PATH has it
        page = typed(program, "cache", "info", "--help", cwd=tmp_path, PATH=path).stdout
        assert page.startswith(f"Usage: {told} cache info ")
        page = typed(program, "recipes", "-h", cwd=tmp_path, PATH=path).stdout
        assert f"  {told} recipes show vse++ >" in page
        refused = typed(program, "scenes", "--trian", "3", cwd=tmp_path, PATH=path)
        assert refused.stderr.endswith(f"see `{told} scenes --help`\n")
    assert typed(tmp_path / "tc", "forget", cwd=tmp_path).stderr == "nothing is remembered\n"
    usual = typed(sys.executable, "-m", "pipeline", "recipes", "--help", cwd=ROOT).stdout
    assert usual.startswith(f"Usage: {sys.executable} -m pipeline recipes ")


def test_without_a_venv_it_says_what_to_type(checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    said = typed(checkout / "bin" / "tencrop", "list", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        f'error: nothing is installed in {checkout}; type  make -C "{checkout}" setup\n'
    )


def completed(line: str, cwd: Path, *, shell: str = "bash") -> list[str]:
    """What the program answers to a shell that asks what may stand last on the line."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    said = typed(
        *(sys.executable, "-m", "pipeline"),
        cwd=cwd,
        _TENCROP_COMPLETE=f"{shell}_complete",
        PYTHONPATH=str(ROOT),
        **asked,
    )
    assert said.returncode == 0
    return said.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tencrop feat", ["plain,features"]),
        ("tencrop recipes sh", ["plain,show"]),
        ("tencrop features --like-", []),
        ("tencrop features --lik", ["plain,--like"]),
        ("tencrop all photos --backbone resnet1", ["resnet101", "resnet152", "resnet18"]),
        ("tencrop train c --recipe vse+", ["vse++", "vse++ft", "vse++w"]),
        ("tencrop features d --format sce", ["scenes"]),
        ("tencrop evaluate r --measures rec", ["recall"]),
        ("tencrop all --to tr", ["train"]),
        ("tencrop features d --crops 1", ["1", "10"]),
        ("tencrop features pho", ["file,pho"]),
    ],
)
def test_names_are_completed(tmp_path: Path, line: str, expected: list[str]) -> None:
    wanted = [item if "," in item else f"plain,{item}" for item in expected]
    assert completed(line, tmp_path) == wanted


def test_commands_and_options_are_completed_without_their_libraries(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('torch is imported')")
    for line in ("tencrop al", "tencrop completion b"):
        assert completed(line, tmp_path)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_lines_for_a_shell(checkout: Path, tmp_path: Path, shell: str) -> None:
    (tmp_path / "tc").symlink_to(checkout / "bin" / "tencrop")
    for program, name in ((checkout / "bin" / "tencrop", "tencrop"), (tmp_path / "tc", "tc")):
        said = typed(program, "completion", shell, cwd=tmp_path)
        assert said.returncode == 0, said.stderr
        assert f"_TENCROP_COMPLETE={shell}_complete" in said.stdout
        assert f" {name}\n" in said.stdout
    assert typed(tmp_path / "tc", "completion", "fish", cwd=tmp_path).returncode == 1


def test_bash_completes_with_them(checkout: Path, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("no bash here")
    script = (
        'eval "$(tencrop completion bash)"; COMP_WORDS=(tencrop recipes sh); COMP_CWORD=2; '
        '_tencrop_completion tencrop; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    (tmp_path / "on the path").symlink_to(checkout / "bin")
    path = f"{tmp_path / 'on the path'}:{os.environ['PATH']}"
    said = typed(bash, "--norc", "-c", script, cwd=tmp_path, PATH=path)
    assert said.stdout == "show\n", said.stderr
