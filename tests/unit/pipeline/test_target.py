"""Which thing a name means, and what is never removed."""

import json
import shutil
from pathlib import Path

import pytest

from core.errors import InputError
from core.lock import LOCK
from core.removal import remove_folder
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.losses import losses
from pipeline.inventory.target import target
from tests.work_folder import cache, run


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "work"


def found(name: object, work: Path) -> Path:
    return target(str(name), Holdings.of(work)).path


def refused(name: object, work: Path, *words: str) -> None:
    with pytest.raises(InputError) as caught:
        found(name, work)
    for word in words:
        assert word in str(caught.value)


def test_by_name_path_and_beginning(work: Path) -> None:
    one, other = cache(work), run(work)
    for name in (one.name, one, one.name[:-3], f"work/features/{one.name}", f"{one}/"):
        assert found(name, work) == one
    assert found("photos-vgg19-10crop-mean-v", work) == other


def test_a_beginning_of_several_and_of_none(work: Path) -> None:
    one, other = cache(work), run(work)
    refused("photos", work, "begins 2 names", str(one), str(other), "give more of one")
    refused("phtos", work, "no cache or run in", "python -m pipeline list")
    refused("", work, "no cache or run")
    refused(f"runs/{other.name[:5]}", work, "no cache or run")


def test_a_whole_name_is_taken_before_those_that_begin_so(work: Path) -> None:
    run(work, "photos")
    run(work, "photos-2")
    assert found("photos", work).name == "photos"


def test_a_name_of_both_needs_its_path(work: Path) -> None:
    one = cache(work)
    other = run(work, one.name)
    refused(one.name, work, "begins 2 names", str(other))
    assert found(other, work) == other


def test_a_path_outside_of_the_work_folder(work: Path, tmp_path: Path) -> None:
    here = run(work, at=tmp_path / "mine")
    assert found("mine", work) == found(here, work) == here
    there = Path(shutil.move(cache(work), tmp_path / "kept"))
    assert found(there, work) == there


@pytest.mark.parametrize("content", ["{}", '{"format": 3}', '{"model_type": "bert"}', "[1]", "{"])
def test_a_folder_of_another_program(work: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text(content)
    (tmp_path / "bert" / "model.safetensors").touch()
    refused("bert", work, "no cache and no run", "nothing was removed")


def test_what_is_no_folder_or_both(work: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused("file", work, "no cache and no run")
    refused(".", work, "no cache and no run")
    both = run(work, at=tmp_path / "both")
    (both / "cache.json").write_text(json.dumps({"format": "tencrop-features/1"}))
    refused("both", work, "no cache and no run")


def test_a_damaged_one_is_known_by_where_it_is(work: Path) -> None:
    one, other = cache(work), run(work)
    (one / "cache.json").write_text("{")
    (other / "config.json").unlink()
    assert found(one.name, work) == one
    assert found(other, work) == other


def test_links_are_left(work: Path, tmp_path: Path) -> None:
    real = run(work, at=tmp_path / "real")
    (work / "runs").mkdir(exist_ok=True, parents=True)
    for link in (work / "runs" / "linked", tmp_path / "outside"):
        link.symlink_to(real)
        refused(link.name, work, "is a link", str(real))
        refused(link, work, "is a link", str(real))


def test_a_work_folder_behind_a_link(work: Path, tmp_path: Path) -> None:
    one = cache(tmp_path / "disk")
    work.symlink_to(tmp_path / "disk")
    assert found(one.name, work) == work / "features" / one.name
    assert found(one, work) == work / "features" / one.name


@pytest.mark.parametrize("name", ["notes.txt", "shard-1.h5.bak", "config.json.old", "images"])
def test_what_no_command_wrote_is_kept(work: Path, name: str) -> None:
    for thing in (cache(work), run(work)):
        (thing / name).touch()
        refused(thing.name, work, repr(name), "no command wrote", "move that elsewhere")


def test_a_folder_of_something_else_in_runs(work: Path) -> None:
    (work / "runs" / "album").mkdir(parents=True)
    (work / "runs" / "album" / "a.jpg").touch()
    refused("album", work, "'a.jpg'", "no command wrote")


def test_a_folder_of_another_program_among_the_runs(work: Path) -> None:
    """All of its names are those of a run's files."""
    there = work / "runs" / "bert"
    there.mkdir(parents=True)
    for name in ("config.json", "vocab.json", "model.safetensors"):
        (there / name).write_text('{"model_type": "bert"}')
    refused("bert", work, "says that a command wrote it", "nothing was removed")
    (there / LOCK).touch()
    assert found("bert", work) == there


def test_what_a_person_put_among_the_reports_is_kept(work: Path) -> None:
    path = run(work)
    for name in ("eval-test", "eval-mine", "eval-val"):
        (path / name).mkdir()
    for name in ("report.json", "embeddings.npz", "captions.json", ".tmp-1-2"):
        (path / "eval-test" / name).touch()
    (path / "eval-val" / "report.json").write_text('{"files": {"of-a-guest.bin": "0"}}')
    (path / "eval-val" / "of-a-guest.bin").touch()
    assert found(path.name, work) == path
    (path / "eval-mine" / "notes.txt").touch()
    refused(path.name, work, "'eval-mine/notes.txt', which no command wrote")
    (path / "eval-mine" / "notes.txt").unlink()
    (path / "eval-test" / "plots").mkdir()
    refused(path.name, work, "'eval-test/plots', which no command wrote")


def test_a_folder_in_the_place_of_a_file_is_no_file_of_ours(work: Path) -> None:
    for path, name in ((run(work), "model.safetensors"), (cache(work), "shard-00000.h5")):
        (path / name).unlink()
        (path / name).mkdir()
        refused(path.name, work, repr(name), "no command wrote")


def test_a_link_in_a_run_is_removed_and_what_it_leads_to_is_not(work: Path, tmp_path: Path) -> None:
    path, real = run(work), tmp_path / "disk.safetensors"
    shutil.move(path / "model.safetensors", real)
    (path / "model.safetensors").symlink_to(real)
    (tmp_path / "photos").mkdir()
    (path / "eval-test").symlink_to(tmp_path / "photos")
    refused(path.name, work, "'eval-test', which no command wrote")
    (path / "eval-test").unlink()
    remove_folder(found(path.name, work))
    assert real.is_file()
    assert not path.exists()


@pytest.mark.parametrize("name", ["a b", "it's", 'say "hi"', "$HOME", "-x", "*", "ünï", "a;b", "~"])
def test_names_that_a_shell_would_take_apart(work: Path, name: str) -> None:
    path, other = run(work, name), run(work, "other")
    assert found(name, work) == found(path, work) == path
    remove_folder(found(name, work))
    assert [each.name for each in (work / "runs").iterdir()] == [other.name]


def test_what_would_be_lost(work: Path) -> None:
    one = cache(work)
    other = run(work, of=one)
    (other / "eval-test").mkdir()
    run(work, "short", done=1, epochs=9)
    holdings = Holdings.of(work)
    of_cache = losses(target(one.name, holdings), holdings)
    assert "a finished cache of 10 pictures, vgg19, crops 10 mean" in of_cache[0]
    assert f"1 run was trained on it ({other.name})" in of_cache[1]
    first, reports, time = losses(target(other.name, holdings), holdings)
    assert "a finished run (vse++w seed 3), 2 of 2 epochs, validation score 50.0" in first
    assert reports == "with 1 report: eval-test"
    assert time == "its training took 4 min"
    assert losses(target("short", holdings), holdings)[1] == "its training took 2 min so far"
