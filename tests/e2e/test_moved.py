"""Runs, caches and corpora that move: found again, or asked for by the option that names them."""

import contextlib
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from safetensors.torch import save_file

from core.sealed import read_sealed, write_sealed
from extract.catalogue import build
from tests.e2e.conftest import FEATURES, Chain, Restored, Said, Type, said_by, typed, whoever
from tests.e2e.test_bad_input import one_line

SHORT = ("--set", "epochs=1", "--set", "embed_dim=8", "--set", "word_dim=8")


class Project(NamedTuple):
    folder: Path
    run: str
    answer: str


@pytest.fixture(scope="module")
def made(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> tuple[Restored, str, str]:
    """A project, made with the paths that a person types; its run, and what it answers."""
    folder = tmp_path_factory.mktemp("moved") / "project"
    shutil.copytree(chain.data, folder / "photos")
    with contextlib.chdir(folder):
        cache = typed("features", "photos", *FEATURES)
        run = typed("train", cache, "--data", "photos", *SHORT)
        answer = said_by("evaluate", run)
    return Restored.of(folder), run, answer


@pytest.fixture
def project(made: tuple[Restored, str, str]) -> Project:
    """A project with its corpus and its work folder, as it was made."""
    restored, run, answer = made
    return Project(restored.put_back(), run, answer)


def same(said: Said, project: Project) -> None:
    assert said.code == 0, said.err
    assert whoever(said.out) == whoever(project.answer)
    assert "extracting" not in said.err


def test_no_path_of_the_run_but_then_is_absolute(project: Project) -> None:
    given = json.loads((project.folder / project.run / "config.json").read_text())["given"]
    assert given["data"] == "../../../photos"
    assert given["cache"].startswith("../../features/photos-squeezenet1_1-")
    assert set(given.pop("then")) == {"data", "cache"}
    assert str(project.folder) not in json.dumps(given)


def test_a_project_that_moves_as_a_whole(tencrop: Type, project: Project, tmp_path: Path) -> None:
    moved = project.folder.rename(tmp_path / "new place")
    said = tencrop("evaluate", moved / project.run)
    same(said, project)
    assert "nothing that the answer follows from has changed" in said.err
    assert tencrop("run", "verify", moved / project.run).code == 0


def test_a_copy_asks_its_own_corpus(tencrop: Type, project: Project, tmp_path: Path) -> None:
    copy = shutil.copytree(project.folder, tmp_path / "copy")
    listing = json.loads((copy / "photos" / "scenes.json").read_text())
    next(p for p in listing["pictures"] if p["split"] == "test")["captions"][0] = "A lion."
    (copy / "photos" / "scenes.json").write_text(json.dumps(listing))
    said = tencrop("evaluate", copy / project.run)
    assert said.code == 0, said.err
    assert "others than in the corpus at training" in said.err
    same(tencrop("evaluate", project.folder / project.run), project)


def test_a_corpus_that_moves_alone(tencrop: Type, project: Project, tmp_path: Path) -> None:
    (project.folder / "photos").rename(tmp_path / "elsewhere")
    run = project.folder / project.run
    one_line(tencrop("evaluate", run), "no longer at", "photos", "--data DATA")
    same(tencrop("evaluate", run, "--data", tmp_path / "elsewhere"), project)
    assert [folder.name for folder in run.glob("eval-*")] == ["eval-test"]


def test_a_cache_that_moves_alone(tencrop: Type, project: Project, tmp_path: Path) -> None:
    (cache,) = (project.folder / "work" / "features").iterdir()
    moved = cache.rename(tmp_path / "some cache")
    same(tencrop("evaluate", project.folder / project.run, "--cache", moved), project)
    again = tencrop("train", moved, "--data", project.folder / "photos", *SHORT, "--work", "w")
    assert Path(again.last).name == Path(project.run).name


def test_a_run_alone_on_another_machine(tencrop: Type, project: Project, tmp_path: Path) -> None:
    run = shutil.move(project.folder / project.run, tmp_path / "copied")
    data = shutil.move(project.folder / "photos", tmp_path / "pictures")
    shutil.rmtree(project.folder)
    one_line(tencrop("evaluate", run), "--data DATA")
    said = tencrop("evaluate", run, "--data", data, "--work", tmp_path / "w")
    assert said.code == 0, said.err
    assert "is gone (--cache, if it moved): extracting" in said.err
    (cache,) = (tmp_path / "w" / "features").iterdir()
    same(tencrop("evaluate", run, "--data", data, "--cache", cache), project)


def test_a_run_of_before_with_absolute_paths(tencrop: Type, project: Project) -> None:
    run = project.folder / project.run
    config = read_sealed(run / "config.json")
    config["given"] = {
        "data": config["given"]["then"]["data"],
        "cache": config["given"]["then"]["cache"],
        "data_format": "auto",
        "recipe": "vse++w",
    }
    write_sealed(run / "config.json", config)
    same(tencrop("evaluate", run), project)


def test_a_work_folder_that_moves_alone(tencrop: Type, project: Project, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (project.folder / "work").rename(tmp_path / "a" / "b" / "kept")
    run = tmp_path / "a" / "b" / "kept" / "runs" / Path(project.run).name
    same(tencrop("evaluate", run), project)
    listed = json.loads(tencrop("list", "--json", "--work", run.parents[1]).out)
    assert [row["state"] for row in listed["runs"]] == ["finished"]
    assert listed["runs"][0]["cache"].startswith(str(run.parents[1]))
    assert listed["runs"][0]["data"] == str(project.folder / "photos")


def test_weights_that_move_with_the_project(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(chain.data, folder / "photos")
    state = build("squeezenet1_1", "random").module.trunk.state_dict()
    save_file({f"features.{k}": v for k, v in state.items()}, folder / "w.safetensors")
    monkeypatch.chdir(folder)
    words = ("--backbone", "squeezenet1_1", "--weights", "w.safetensors", "--crops", 1)
    cache = tencrop("features", "photos", *words).last
    run = tencrop("train", cache, "--data", "photos", *SHORT).last
    monkeypatch.chdir(tmp_path)
    moved = folder.rename(tmp_path / "moved")
    said = tencrop("features", moved / "photos", "--like", moved / run, "--work", moved / "work")
    assert said.code == 0, said.err
    assert Path(said.last) == moved / cache
    (moved / "w.safetensors").unlink()
    said = tencrop("features", moved / "photos", "--like", moved / run, "--work", moved / "work")
    one_line(said, "no longer at", "w.safetensors", "--weights PATH")
