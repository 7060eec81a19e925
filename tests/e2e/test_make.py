"""`make` itself, on a copy of the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["setup", "demo", "features", "train", "eval", "test", "soak", "coverage", "check"]
TARGETS += [
    "tree",
    "bench",
    "clean",
    "scenes",
    "corpus",
    "list",
    "forget",
    "sweep",
    "compare",
    "map",
    "browser",
    "serve",
]
SMALL = "--set epochs=2 --set embed_dim=16 --set word_dim=8"


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--no-print-directory", "-C", str(folder), *words],
        capture_output=True,
        text=True,
        env=clean,
        check=False,
    )


def test_make_alone_lists_the_targets() -> None:
    listed = make(ROOT).stdout
    assert [name for name in TARGETS if f"make {name} " not in listed] == []


@pytest.mark.parametrize("name", ["evall", "Eval", "trian", "it's"])
def test_a_misspelt_target_is_one_line(name: str) -> None:
    said = make(ROOT, name)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.count("\n") == 1
    near = {"trian": "train", "it's": ""}.get(name, "eval")
    told = f"did you mean '{near}'? accepted: " if near else "accepted: "
    assert f"*** no target {name}: {told}" in said.stderr
    assert "; `make` lists what they do" in said.stderr


@pytest.mark.slow
def test_targets_go_together(tmp_path: Path) -> None:
    if not (ROOT / ".venv" / "runtime").exists():
        pytest.skip("the tests do not run from `make setup`'s .venv")
    for name in ("Makefile", "requirements.txt"):
        shutil.copy2(ROOT / name, tmp_path)
    os.utime(tmp_path / "requirements.txt", (0, 0))  # or what is older would be installed anew
    for name in (".venv", "core", "extract", "train", "evaluate", "pipeline"):
        (tmp_path / name).symlink_to(ROOT / name)

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        done = make(tmp_path, *words)
        assert done.returncode == 0, done.stderr
        return done

    typed("scenes", "DATA=my photos", "ARGS=--train 12 --val 4 --test 4")
    features = ("DATA=my photos", "BACKBONE=squeezenet1_1", "WEIGHTS=random", "CROPS=1")
    cache = typed("features", *features).stdout.strip()
    trained = typed("train", f"ARGS={SMALL}")
    told = (
        "going on with DATA='my photos' BACKBONE=squeezenet1_1 WEIGHTS=random CROPS=1 (make forget"
    )
    assert trained.stderr.startswith(told)
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "work").rglob("*.safetensors")}
    judged = typed("eval")
    assert "image to text" in judged.stdout
    assert f"asking the run that was made last, {trained.stdout.strip()}\n" in judged.stderr
    assert typed("eval", *features, f"ARGS={SMALL}").stdout == judged.stdout
    assert typed("features").stdout.strip() == cache
    assert typed("list").stdout.startswith("work: 1 cache, ")
    assert "forgotten: DATA='my photos' " in typed("forget").stderr
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert len(kept) == 1
