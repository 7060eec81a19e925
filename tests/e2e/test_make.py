"""`make` once, on a copy of the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["setup", "demo", "features", "train", "eval", "test", "soak", "coverage", "check"]
TARGETS += ["tree", "bench", "clean"]
SMALL = "--set epochs=2 --set embed_dim=16 --set word_dim=8"


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-C", str(folder), *words], capture_output=True, text=True, env=clean, check=False
    )


def test_make_alone_lists_the_targets() -> None:
    listed = make(ROOT).stdout
    assert [name for name in TARGETS if f"make {name} " not in listed] == []


@pytest.mark.slow
def test_eval_builds_what_it_needs_once(tmp_path: Path) -> None:
    if not (ROOT / ".venv" / "runtime").exists():
        pytest.skip("the tests do not run from `make setup`'s .venv")
    for name in ("Makefile", "requirements.txt"):
        shutil.copy2(ROOT / name, tmp_path)
    os.utime(tmp_path / "requirements.txt", (0, 0))  # or what is older would be installed anew
    for name in (".venv", "core", "extract", "train", "evaluate", "pipeline"):
        (tmp_path / name).symlink_to(ROOT / name)
    drawn = make(tmp_path, "work/scenes/scenes.json", "SCENES=--train 30 --val 10 --test 10")
    assert drawn.returncode == 0, drawn.stderr
    words = ("BACKBONE=squeezenet1_1", "WEIGHTS=random", "CROPS=1", f"ARGS={SMALL}")
    first = make(tmp_path, "eval", *words)
    assert first.returncode == 0, first.stderr
    assert "image to text" in first.stdout
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "work").rglob("*.safetensors")}
    assert len(kept) == 1
    second = make(tmp_path, "eval", *words)
    assert second.stdout == first.stdout
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
