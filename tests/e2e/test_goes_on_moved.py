"""`all`, and so each target of make, goes on where DATA lies elsewhere or says another thing."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.memory.moved import same_pictures
from pipeline.memory.remembered import Memory, read
from pipeline.typed.by_make import ASKED_BY
from tests.e2e.conftest import FEATURES, SMALL, Chain, Said, Type, whoever
from tests.e2e.test_bad_input import one_line
from train.identity import config_sha256, read_config

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(chain: Chain, tencrop: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """The chain's pictures in `scenes`, and what `all` has made of them in `work`."""
    shutil.copytree(chain.data, tmp_path / "scenes")
    shutil.copytree(chain.work, tmp_path / "work")
    said = tencrop("all", "scenes", *FEATURES, *SMALL)
    assert said.code == 0, said.err
    monkeypatch.setenv(ASKED_BY, "make")
    return said


def made() -> list[str]:
    return sorted(
        each.name for kind in ("features", "runs") for each in Path("work", kind).iterdir()
    )


def same(said: Said, before: Said) -> None:
    assert said.code == 0, said.err
    assert whoever(said.out) == whoever(before.out)


def test_pictures_that_moved_have_the_same_cache_and_run(tencrop: Type, project: Said) -> None:
    there = made()
    Path("scenes").rename("other place")
    for to, target in (("features", "features"), ("train", "train"), ("evaluate", "eval")):
        said = tencrop("all", "--to", to)
        one_line(said, "scenes, the DATA that was given before, is not there any more")
        assert said.err.endswith(f": make {target} DATA=PLACE\n")
    said = tencrop("all", "other place")
    same(said, project)
    assert "going on with BACKBONE=squeezenet1_1 WEIGHTS=random CROPS=1 ARGS=" in said.err
    assert f"the same pictures as in {Path.cwd() / 'scenes'}: what was made" in said.err
    assert "nothing that the answer follows from has changed" in said.err
    assert made() == there
    alone = tencrop("all")
    same(alone, project)
    assert "going on with DATA='other place' " in alone.err
    assert "nothing that the answer follows from has changed" in alone.err
    assert made() == there


def test_an_answer_that_is_kept_elsewhere_is_of_the_same_question(
    tencrop: Type, project: Said
) -> None:
    same(tencrop("all", "--out", "kept"), project)
    Path("scenes").rename("there")
    said = tencrop("all", "there", "--out", "kept")
    same(said, project)
    assert "nothing that the answer follows from has changed" in said.err


def test_after_stage_one_alone_they_are_known_too(tencrop: Type, project: Said) -> None:
    Path("scenes").rename("there")
    assert tencrop("all", "there", "--to", "features").code == 0
    same(tencrop("all"), project)


def test_a_work_folder_is_named_with_the_place(tencrop: Type, project: Said) -> None:
    Path("scenes").rename("there")
    Path("work").rename("kept")
    said = tencrop("all", "--work", "kept")
    assert said.err.endswith(": make eval DATA=PLACE WORK=kept\n")
    same(tencrop("all", "there", "--work", "kept"), project)


def test_a_project_that_moves_as_a_whole_goes_on(
    tencrop: Type, project: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = made()
    (tmp_path / "moved").mkdir()
    for name in ("scenes", "work"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    monkeypatch.chdir(tmp_path / "moved")
    for to in ("train", "evaluate"):
        said = tencrop("all", "--to", to)
        assert said.code == 0, said.err
        assert "going on with DATA=scenes " in said.err
    same(said, project)
    assert made() == there


def _edit(split: str) -> None:
    listing = json.loads(Path("scenes/scenes.json").read_text())
    next(p for p in listing["pictures"] if p["split"] == split)["captions"][0] = "A lion."
    Path("scenes/scenes.json").write_text(json.dumps(listing))


def _other_file() -> None:
    first, second = sorted(Path("scenes").rglob("*.png"))[:2]
    shutil.copy2(first, second)


def _fewer() -> None:
    listing = json.loads(Path("scenes/scenes.json").read_text())
    Path("scenes/scenes.json").write_text(json.dumps(listing | {"pictures": _but_last(listing)}))


def _but_last(listing: dict[str, list[object]]) -> list[object]:
    return listing["pictures"][:-1]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("change", [_other_file, _fewer])
def test_what_is_not_the_same_is_gone_on_with_as_other_pictures(
    change: Callable[[], None], tencrop: Type
) -> None:
    memory, work = read(Path("work")), Path("work")
    assert memory
    assert same_pictures(memory, work, "scenes", "auto")
    assert not same_pictures(replace(memory, caches=()), work, "scenes", "auto")
    change()
    assert not same_pictures(memory, work, "scenes", "auto")
    Path("scenes").rename("others")
    said = tencrop("all", "others", "--recipe", "demmo", "--backbone", "squeezenet1_1")
    told = "other pictures than before: not gone on with WEIGHTS=random CROPS=1 ARGS="
    assert said.err.startswith(told)
    assert read(work) == memory


@pytest.mark.parametrize("split", ["train", "val"])
def test_moved_pictures_with_other_captions_keep_their_features(
    tencrop: Type, project: Said, split: str
) -> None:
    there = made()
    _edit(split)
    Path("scenes").rename("there")
    said = tencrop("all", "there")
    assert said.code == 0, said.err
    assert "going on with BACKBONE=squeezenet1_1 WEIGHTS=random CROPS=1 ARGS=" in said.err
    assert (
        f"the same pictures as in {Path.cwd() / 'scenes'}: their features hold; the ids, "
        f"labels or captions of {split!r} have changed since the run was trained, so that training "
        "begins anew\n"
    ) in said.err
    assert "computed in" not in said.err
    assert len(made()) == len(there) + 1
    same(tencrop("all"), said)


def test_moved_pictures_of_a_lost_run_keep_their_features(tencrop: Type, project: Said) -> None:
    _run().rename("put away")
    Path("scenes").rename("there")
    same(tencrop("all", "there"), project)


def _run() -> Path:
    return Path("work") / str((read(Path("work")) or Memory()).run)


@pytest.mark.parametrize(
    ("to", "trained"), [("features", False), ("train", True), ("evaluate", True)]
)
def test_a_run_that_is_gone_is_told_before_it_is_trained_again(
    tencrop: Type, project: Said, to: str, trained: bool
) -> None:
    name = _run().name
    _run().rename("work/runs/best")
    said = tencrop("all", "--to", to)
    assert said.code == 0, said.err
    line = (
        f"the run that was made last, {name}, is not there any more: it is trained again; "
        "if it was renamed, name it: make eval RUN=NAME\n"
    )
    assert (line in said.err) == trained
    assert (line in tencrop("all").err) != trained


def test_a_run_that_will_be_found_by_the_end_of_its_name_is_not_gone(
    tencrop: Type, project: Said
) -> None:
    _run().rename(_run().with_name(f"best-{_run().name.rpartition('-')[2]}"))
    said = tencrop("all")
    same(said, project)
    assert "not there any more" not in said.err


def test_pictures_moved_between_the_splits_are_trained_on_again(
    tencrop: Type, project: Said
) -> None:
    listing = json.loads(Path("scenes/scenes.json").read_text())
    next(p for p in listing["pictures"] if p["split"] == "train")["split"] = "test"
    Path("scenes/scenes.json").write_text(json.dumps(listing))
    said = tencrop("all")
    one_line(said, "1 of the 13 pictures of the split 'test' were trained on")
    assert said.err.endswith(
        "take them out of the split, train again as the splits are now with make train, or look at "
        "the fit with SPLIT=train\n"
    )
    assert tencrop("all", "--to", "train").code == 0
    assert tencrop("all").code == 0


@pytest.mark.parametrize("split", ["train", "val"])
def test_captions_edited_since_the_training_are_told(
    tencrop: Type, project: Said, split: str
) -> None:
    assert "changed since" not in project.err
    _edit(split)
    said = tencrop("all")
    same(said, project)
    told = f"the ids, labels or captions of {split!r} have changed since this run was trained"
    (line,) = [line for line in said.err.splitlines() if line.startswith(told)]
    assert line.endswith(": make train trains again")
    assert tencrop("all", "--to", "train").code == 0
    assert "have changed since" not in tencrop("all").err


@pytest.mark.parametrize("damage", ["{", None])
def test_a_lost_config_is_mended_by_the_command_that_asks(
    tencrop: Type, project: Said, damage: str | None
) -> None:
    run = _run()
    config = run / "config.json"
    before = config_sha256(read_config(run))
    config.unlink()
    if damage:
        config.write_text(damage)
    said = tencrop("all")
    same(said, project)
    assert "written again, as last.json knows it" in said.err
    assert config_sha256(read_config(run)) == before


def test_wrong_data_is_refused_without_torch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('torch is imported')")
    (tmp_path / "empty").mkdir()
    for data in ("nowhere", "empty"):
        said = subprocess.run(
            [sys.executable, "-m", "pipeline", "all", data],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 1
        assert said.stderr.startswith(f"error: {data}: ")
    assert not (tmp_path / "work").exists()
