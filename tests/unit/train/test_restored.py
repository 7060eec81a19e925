"""A lost config.json: what is said of it leads on, whatever state the run is in."""

import shutil
from pathlib import Path

import pytest
from train_fakes import make_world, rising

from core.errors import RunError
from core.lock import LOCK
from core.sealed import read_sealed
from pipeline.inventory.runs import run_row
from pipeline.inventory.states import DAMAGED
from tests.interruption import assert_same_run, flip, interrupted_at
from train.identity import LostConfig, read_config, read_run
from train.record import MEND
from train.verify import verify_run

OPTIONS = ("epochs=3",)
STATES = ("untrained", "begun", "finished")


def changed(file):
    file.write_text(file.read_text().replace('"seed": 0', '"seed": 7'))


DAMAGE = {
    "flip": flip,
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-20]),
    "empty": lambda file: file.write_bytes(b""),
    "junk": lambda file: file.write_bytes(bytes(range(256))),
    "gone": Path.unlink,
    "changed": changed,
    "nulls": lambda file: file.write_text('{"format": null}'),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of each state, and the world that all were trained on."""
    folder = tmp_path_factory.mktemp("restored")
    world = make_world(folder)
    world.train(folder / "finished", *OPTIONS, validate=rising)
    for state, moment in (("untrained", (1, 1)), ("begun", (2, 2))):
        stop = interrupted_at(*moment)
        with pytest.raises(KeyboardInterrupt):
            world.train(folder / state, *OPTIONS, validate=rising, progress=stop)
    return folder, world


def damaged(runs, tmp_path, state, damage):
    shutil.copytree(runs[0] / state, tmp_path / "run")
    DAMAGE[damage](tmp_path / "run" / "config.json")
    return tmp_path / "run"


def assert_same(run, whole):
    """All but the code and the ranks that a lost config was begun with: nothing tells of them."""
    there, wanted = (read_sealed(each / "config.json") for each in (run, whole))
    assert there.pop("code", None) in (None, wanted["code"])
    assert there.pop("ranks", 1) == wanted["ranks"] == 1
    del wanted["code"], wanted["ranks"]
    assert there == wanted
    shutil.copy(whole / "config.json", run / "config.json")
    assert_same_run(run, whole)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_the_command_that_is_named_mends_it(runs, tmp_path, state, damage):
    run = damaged(runs, tmp_path, state, damage)
    with pytest.raises(LostConfig, match=MEND):
        read_config(run)
    assert any("config.json" in problem for problem in verify_run(run))
    said = []
    runs[1].train(run, *OPTIONS, validate=rising, say=said.append)
    assert sum("config.json is" in note for note in said) == 1
    assert verify_run(run) == []
    assert_same(run, runs[0] / "finished")


@pytest.mark.parametrize("state", ["begun", "finished"])
def test_a_record_tells_it_where_the_tensors_are_lost_too(runs, tmp_path, state):
    run = damaged(runs, tmp_path, state, "cut")
    for file in run.glob("*.safetensors"):
        file.write_bytes(b"")
    runs[1].train(run, *OPTIONS, validate=rising)
    assert verify_run(run) == []
    assert_same(run, runs[0] / "finished")


@pytest.mark.parametrize("state", ["begun", "finished"])
def test_where_no_record_is_whole_another_run_is_the_way_out(runs, tmp_path, state):
    run = damaged(runs, tmp_path, state, "cut")
    for name in ("last.json", "previous.json"):
        (run / name).write_text("{")
    with pytest.raises(RunError, match="no record .* is whole .*; train into another --run$"):
        runs[1].train(run, *OPTIONS)
    runs[1].train(tmp_path / "other", *OPTIONS, validate=rising)
    assert_same(tmp_path / "other", runs[0] / "finished")


@pytest.mark.parametrize("state", STATES)
def test_a_folder_in_its_place_is_left_and_its_removal_leads_on(runs, tmp_path, state):
    run = damaged(runs, tmp_path, state, "gone")
    (run / "config.json").mkdir()
    for look in (read_config, lambda run: runs[1].train(run, *OPTIONS)):
        with pytest.raises(RunError, match="config.json is no file; move it elsewhere and run"):
            look(run)
    assert any("config.json" in problem for problem in verify_run(run))
    (run / "config.json").rename(tmp_path / "moved")
    runs[1].train(run, *OPTIONS, validate=rising)
    assert_same(run, runs[0] / "finished")


@pytest.mark.parametrize("state", ["begun", "finished"])
def test_the_config_of_another_training_is_not_written_over(runs, tmp_path, state):
    run = damaged(runs, tmp_path, state, "cut")
    before = (run / "config.json").read_bytes()
    with pytest.raises(RunError, match="this training's is another"):
        runs[1].train(run, *OPTIONS, seed=1)
    assert (run / "config.json").read_bytes() == before


def test_what_another_program_wrote_is_left(runs, tmp_path):
    """A config.json that is no JSON, beside what a training never writes."""
    for stranger in ("weights.bin", "model.safetensors"):
        run = tmp_path / stranger
        run.mkdir()
        for name in ("config.json", LOCK, stranger):
            (run / name).write_text("hello")
        with pytest.raises(RunError, match="another --run"):
            runs[1].train(run, *OPTIONS)
        assert (run / "config.json").read_text() == "hello"


def test_without_a_lock_nothing_of_a_training_is_there(runs, tmp_path):
    run = damaged(runs, tmp_path, "untrained", "gone")
    (run / LOCK).unlink()
    with pytest.raises(RunError, match="is not a run and not empty"):
        runs[1].train(run, *OPTIONS)
    assert (run / "seen.json").is_file()


def test_a_config_that_nothing_was_lost_of_is_left(runs, tmp_path):
    shutil.copytree(runs[0] / "finished", tmp_path / "run")
    said = []
    runs[1].train(tmp_path / "run", *OPTIONS, validate=rising, say=said.append)
    assert said == []
    assert read_run(tmp_path / "run")[1].done


@pytest.mark.parametrize("state", ["begun", "finished"])
def test_the_config_of_another_run_gives_way_to_its_own(runs, tmp_path, state):
    folder, world = runs
    shutil.copytree(folder / state, tmp_path / "run")
    world.train(tmp_path / "other", *OPTIONS, validate=rising, seed=5)
    shutil.copy(tmp_path / "other" / "config.json", tmp_path / "run" / "config.json")
    with pytest.raises(RunError, match="are not of one run"):
        read_run(tmp_path / "run")
    row = run_row(tmp_path / "run", tmp_path)
    assert (row.state, "are not of one run" in row.why) == (DAMAGED, True)
    with pytest.raises(RunError, match="this training's is another"):
        world.train(tmp_path / "run", *OPTIONS, validate=rising, seed=5)
    said = []
    world.train(tmp_path / "run", *OPTIONS, validate=rising, say=said.append)
    assert "is of another run, or was changed" in " ".join(said)
    assert_same(tmp_path / "run", folder / "finished")


def test_a_record_of_nulls_is_a_damaged_one(runs, tmp_path):
    shutil.copytree(runs[0] / "finished", tmp_path / "run")
    (tmp_path / "run" / "last.json").write_text('{"format": null}')
    with pytest.raises(RunError, match=r"last\.json is damaged .*; " + MEND):
        read_run(tmp_path / "run")
    runs[1].train(tmp_path / "run", *OPTIONS, validate=rising)
    assert verify_run(tmp_path / "run") == []
