"""Where a run's things are: found from the run, where they were, and by their names."""

import re
import shutil
from pathlib import Path
from typing import Any

import click
import pytest

from core.errors import RunError
from core.store import FeatureWriter, cache_key
from pipeline.memory import whereabouts
from pipeline.memory.whereabouts import (
    cache_of,
    corpus_of,
    given_caches,
    is_own,
    noted,
    weights_of,
)
from tests.caches import cache_of as made_up
from tests.caches import fields_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A corpus, and a work folder with a cache's and a run's directory."""
    for name in ("photos", "work/features/c-0", "work/runs/r"):
        (tmp_path / "project" / name).mkdir(parents=True)
    return tmp_path / "project"


def given_of(project: Path, **things: Path) -> dict[str, Any]:
    usual = {"data": project / "photos", "cache": project / "work" / "features" / "c-0"}
    return noted(project / "work" / "runs" / "r", usual | things)


def test_paths_are_relative_to_the_run(project: Path) -> None:
    given = given_of(project)
    assert (given["data"], given["cache"]) == ("../../../photos", "../../features/c-0")
    assert given["then"]["data"] == str((project / "photos").resolve())
    said: list[str] = []
    corpus_of(project / "work" / "runs" / "r", given, said.append)
    assert said == []


def test_what_shares_only_the_root_is_absolute(project: Path) -> None:
    given = given_of(project, data=Path("/no-such-disk/photos"))
    assert given["data"] == given["then"]["data"] == "/no-such-disk/photos"


def test_the_working_folder_itself_and_one_above(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "photos")
    assert given_of(project, data=Path())["data"] == "../../../photos"
    assert given_of(project, data=Path(".."))["data"] == "../../.."


def test_a_link_to_the_corpus_is_kept_and_one_above_it_followed(
    project: Path, tmp_path: Path
) -> None:
    (project / "linked").symlink_to(project / "photos")
    (tmp_path / "other").symlink_to(project)
    given = given_of(tmp_path / "other", data=tmp_path / "other" / "linked")
    assert given["data"] == "../../../linked"
    assert given["cache"] == "../../features/c-0"


def test_all_moved_together(project: Path, tmp_path: Path) -> None:
    given = given_of(project)
    moved = project.rename(tmp_path / "elsewhere")
    run = moved / "work" / "runs" / "r"
    said: list[str] = []
    assert corpus_of(run, given, said.append) == moved / "photos"
    (line,) = said
    assert line.endswith(f"is {moved / 'photos'}; at training it was {project / 'photos'}")
    assert cache_of(run, given, Path("work"))[0] == moved / "work" / "features" / "c-0"


def test_a_copy_has_its_own(project: Path, tmp_path: Path) -> None:
    given = given_of(project)
    shutil.copytree(project, tmp_path / "copy")
    run = tmp_path / "copy" / "work" / "runs" / "r"
    assert corpus_of(run, given) == tmp_path / "copy" / "photos"


def test_a_run_that_moves_alone_finds_what_stayed(project: Path, tmp_path: Path) -> None:
    given = given_of(project)
    (tmp_path / "a" / "b").mkdir(parents=True)
    run = (project / "work" / "runs" / "r").rename(tmp_path / "a" / "b" / "r")
    assert corpus_of(run, given) == project / "photos"
    assert cache_of(run, given, Path("work"))[0] == project / "work" / "features" / "c-0"


def test_a_cache_is_found_by_its_name_in_the_work_folder(project: Path, tmp_path: Path) -> None:
    given = given_of(project)
    run = project / "work" / "runs" / "r"
    (tmp_path / "w" / "features").mkdir(parents=True)
    moved = (project / "work" / "features" / "c-0").rename(tmp_path / "w" / "features" / "c-0")
    assert cache_of(run, given, tmp_path / "w")[0] == moved
    gone, was = cache_of(run, given, tmp_path)
    assert (gone, was) == (None, project / "work" / "features" / "c-0")


def test_another_cache_in_its_place_is_passed_by(project: Path, tmp_path: Path) -> None:
    pictures = [("a.jpg", "0" * 64)]
    fields = fields_of(pictures, {"pooled": [2]})
    with FeatureWriter.open(project / "work" / "features", "c", fields, pictures) as writer:
        other = writer.path
    given = given_of(project, cache=other) | {"cache_key": "f" * 64}
    assert cache_of(project / "work" / "runs" / "r", given, tmp_path)[0] is None
    known = given | {"cache_key": cache_key(fields)}
    assert cache_of(project / "work" / "runs" / "r", known, tmp_path)[0] == other


def test_a_corpus_that_is_nowhere_names_the_option(project: Path) -> None:
    given, run = given_of(project), project / "work" / "runs" / "r"
    (project / "photos").rmdir()
    with pytest.raises(RunError, match=r"no longer at .*photos; say where it is: .* --data DATA"):
        corpus_of(run, given)
    for odd in ({}, {"data": 3, "then": "x"}, {"then": {"data": None}}):
        with pytest.raises(RunError, match=r"not noted in it; say where it is: .* --data DATA"):
            corpus_of(run, odd)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("embed", "embed {} --data DATA"),
        ("search", "search {} SENTENCE --data DATA"),
        ("list", "evaluate {} --data DATA"),
    ],
)
def test_a_corpus_that_is_nowhere_names_the_command_that_was_typed(
    project: Path, typed: str, line: str
) -> None:
    given, run = given_of(project), project / "work" / "runs" / "r"
    (project / "photos").rmdir()
    told = pytest.raises(RunError, match=f"pipeline {re.escape(line.format(run))}$")
    with click.Context(click.Command(typed), info_name=typed), told:
        corpus_of(run, given)


def test_absolute_paths_of_earlier_runs_are_read(project: Path, tmp_path: Path) -> None:
    given = {"data": str(project / "photos"), "cache": str(project / "work" / "features" / "c-0")}
    run = (project / "work" / "runs" / "r").rename(tmp_path / "r")
    assert corpus_of(run, given) == project / "photos"
    assert cache_of(run, given, tmp_path)[0] == project / "work" / "features" / "c-0"


def test_weights_move_with_the_project(project: Path, tmp_path: Path) -> None:
    file = project / "w.safetensors"
    file.touch()
    given, run = given_of(project, weights=file), project / "work" / "runs" / "r"
    assert weights_of(run, given, "DEFAULT") == "DEFAULT"
    assert weights_of(run, given, str(file)) == str(file)
    copy = Path(shutil.copytree(project, tmp_path / "copy"))
    assert weights_of(copy / "work" / "runs" / "r", given, str(file)) == str(file)
    moved = project.rename(tmp_path / "elsewhere")
    assert weights_of(moved / "work" / "runs" / "r", given, str(file)) == str(
        moved / "w.safetensors"
    )
    other = moved / "other.safetensors"
    other.touch()
    assert weights_of(moved / "work" / "runs" / "r", given, str(other)) == str(other)
    (moved / "w.safetensors").unlink()
    assert weights_of(moved / "work" / "runs" / "r", given, str(file)) == str(file)


def test_which_corpus_is_the_runs_own(project: Path, tmp_path: Path) -> None:
    given, run = given_of(project) | {"cache_key": "k"}, project / "work" / "runs" / "r"
    assert is_own(run, given, project / "photos", keys=["other"], alike=False)
    assert is_own(run, given, tmp_path, keys=["k"], alike=True)
    assert not is_own(run, given, tmp_path, keys=["k"], alike=False)
    assert not is_own(run, given, tmp_path, keys=["other"], alike=True)


def test_each_of_several_caches_is_found_by_itself(project: Path, tmp_path: Path) -> None:
    features, run = project / "work" / "features", project / "work" / "runs" / "r"
    pictures = [("a", "0" * 64)]
    caches = [made_up(features, pictures, n, backbone=f"b{n}") for n in (1, 2)]
    for number, cache in enumerate(caches):
        file = project / f"w{number}.pth"
        file.touch()
        cache.manifest["made_with"] = {"settings": {"weights": str(file)}}
    one = whereabouts.given_of(run, project / "photos", caches[:1], recipe="r")
    assert one["cache_key"] == caches[0].key
    assert given_caches(one) == [one]
    given = whereabouts.given_of(run, project / "photos", caches, recipe="r")
    assert given == whereabouts.given_of(run, project / "photos", caches[::-1], recipe="r")
    assert (given["data"], given["recipe"]) == ("../../../photos", "r")
    assert not {"cache", "cache_key", "weights"} & given.keys()
    assert is_own(run, given, tmp_path, keys=[cache.key for cache in caches], alike=True)
    assert not is_own(run, given, tmp_path, keys=[caches[0].key], alike=True)
    then = [str(project / f"w{number}.pth") for number in range(2)]
    moved = project.rename(tmp_path / "moved")
    there = moved / "work" / "runs" / "r"
    found = {cache_of(there, each, tmp_path)[0] for each in given_caches(given)}
    assert found == {moved / "work" / "features" / cache.path.name for cache in caches}
    for number, file in enumerate(then):
        assert weights_of(there, given, file) == str(moved / f"w{number}.pth")
    (moved / "w1.pth").unlink()  # the other's weights do not take its place
    assert weights_of(there, given, then[1]) == then[1]


@pytest.mark.parametrize("odd", [{}, {"caches": []}, {"caches": "x"}, {"caches": ["x"]}])
def test_what_notes_no_caches_has_one_of_which_nothing_is_known(odd: dict[str, Any]) -> None:
    assert given_caches(odd) == [odd]
