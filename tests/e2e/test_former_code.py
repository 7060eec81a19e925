"""A formula is changed after a cache and a run were made with it: what is found says so, once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Type
from tests.faults.contents import contents
from tests.faults.world import BACKBONE, NARROW, SMALL, draw
from tests.plugin_folder import ROOT, added

SPECK, MINE = "extract/backbones/speck.py", "train/losses/mine.py"
TRAINED = [word for key in (*SMALL, *NARROW, "loss=mine") for word in ("--set", key)]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Path]:
    """A family and a loss from outside, in files that may be written."""
    folder = tmp_path / "parts"
    shutil.copytree(ROOT / "tests" / "faults" / "parts", folder)
    (folder / "train" / "losses").mkdir(parents=True)
    shutil.copy(ROOT / "train" / "losses" / "hinge.py", folder / MINE)
    with added(folder):
        yield folder


@pytest.fixture
def words(parts: Path, tmp_path: Path, tencrop: Type) -> list[str]:
    """The command that has made everything."""
    draw(tmp_path / "data")
    made = ["--backbone", BACKBONE, "--weights", "random", "--crops", "1", "--shard-size", "4"]
    trained = ["--recipe", "demo", "--seed", "3", *TRAINED]
    words = ["all", str(tmp_path / "data"), *made, *trained, "--work", str(tmp_path / "work")]
    said = tencrop(*words)
    assert said.code == 0, said.err
    return words


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def told(err: str) -> list[str]:
    return [line for line in err.splitlines() if " changed: it is used as it is; " in line]


def test_what_is_found_says_which_file_has_changed(
    parts: Path, tmp_path: Path, words: list[str], tencrop: Type
) -> None:
    before = contents(tmp_path / "work" / "features")
    edit(parts / SPECK, "    def __init__", "    # a comment\n    def __init__")
    assert told(tencrop(*words).err) == []
    edit(parts / SPECK, "mean((2, 3))", "amax((2, 3))")
    edit(parts / MINE, "clamp(min=0)", "clamp(min=0).square()")
    said = tencrop(*words)
    cache, run = (next((tmp_path / "work" / each).iterdir()) for each in ("features", "runs"))
    assert said.code == 0, said.err
    first, second = told(said.err)
    assert first.startswith(f"{cache} was made before {SPECK} changed: ")
    assert first.endswith(
        f"; to make it anew type python -m pipeline remove {cache} and this again, or take another "
        "--work folder"
    )
    assert second.startswith(f"{run} was trained before {MINE} changed: ")
    assert second.endswith("or take another --run")
    assert contents(tmp_path / "work" / "features") == before
    first, second = told(tencrop("evaluate", run, "--work", tmp_path / "work").err)
    assert first.endswith(f"remove {cache} and the `features` command that made it")
    assert second.endswith(f"remove {run} and the `train` command that made it")
    assert tencrop("remove", cache, "--yes", "--work", tmp_path / "work").code == 0
    (one,) = told(tencrop(*words).err)
    assert one.startswith(f"{run} was trained before {MINE}, {SPECK} changed: ")
    assert tencrop("remove", run, "--yes", "--work", tmp_path / "work").code == 0
    said = tencrop(*words)
    assert (said.code, told(said.err)) == (0, [])


def test_a_cache_that_lacks_a_shard_is_refused(
    parts: Path, tmp_path: Path, words: list[str], tencrop: Type
) -> None:
    next((tmp_path / "work" / "features").glob("*/shard-00001.h5")).unlink()
    edit(parts / SPECK, "mean((2, 3))", "amax((2, 3))")
    said = tencrop(*words)
    assert said.code == 1
    assert f"were made by other code: {SPECK} has changed since" in said.err
    edit(parts / SPECK, "amax((2, 3))", "mean((2, 3))")
    assert tencrop(*words).code == 0
