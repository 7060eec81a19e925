"""A run without its model says what the run with it says, and refuses what that refuses."""

from pathlib import Path

import pytest
import torch
from train_fakes import make_world

from core.errors import RunError
from tests.interruption import flip
from train.finished import finished
from train.opened import open_run
from train.record import read_record
from train.trained import load

CPU = torch.device("cpu")
GIVEN = {"data": "here"}


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path)


@pytest.fixture
def run(world, tmp_path) -> Path:
    world.train(tmp_path / "run", **GIVEN)
    return tmp_path / "run"


def test_it_says_what_the_model_would(run: Path) -> None:
    opened, trained = open_run(run), load(run, CPU)
    assert (opened.config, opened.record) == (trained.config, trained.record)
    assert opened.seen == trained.seen
    assert opened.outline.recipe().model_dump() == trained.recipe.model_dump()


def refused_alike(run: Path) -> None:
    """With the model and without it is one message."""
    with pytest.raises(RunError) as plain:
        load(run, CPU)
    with pytest.raises(RunError) as light:
        open_run(run)
    assert str(light.value) == str(plain.value)


@pytest.mark.parametrize("name", ["config.json", "last.json", "vocab.json", "seen.json"])
@pytest.mark.parametrize("how", ["flipped", "gone"])
def test_it_refuses_what_is_refused_with_the_model(run: Path, name: str, how: str) -> None:
    if how == "gone":
        (run / name).unlink()
    else:
        flip(run / name)
    refused_alike(run)


@pytest.mark.parametrize("how", ["flipped", "gone"])
def test_every_byte_of_the_model_is_looked_at(run: Path, how: str) -> None:
    model = run / "model.safetensors"
    if how == "gone":
        model.unlink()
    else:
        flip(model)
    refused_alike(run)


def test_a_record_that_was_compared_is_believed_and_no_other(run: Path) -> None:
    record = read_record(run)
    flip(run / "model.safetensors")
    assert open_run(run, whole=record).record == record
    other = record.after(9, {"score": 1e9}, {"epoch": 9})
    with pytest.raises(RunError, match="damaged"):
        open_run(run, whole=other)


def test_a_finished_run_is_found_only_if_nothing_is_to_be_done(world, run: Path) -> None:
    plan = world.plan()
    assert finished(run, plan, GIVEN) == read_record(run)
    assert finished(run, plan, {"data": "there"}) is None
    assert finished(run, world.plan("margin=0.3"), GIVEN) is None
    assert finished(run, world.plan(seed=1), GIVEN) is None
    assert finished(run.parent / "none", plan, GIVEN) is None
    (run / "best-0.safetensors").touch()  # of a killed training: it would be taken away
    assert finished(run, plan, GIVEN) is None


@pytest.mark.parametrize(
    "name",
    [
        *("config.json", "last.json", "previous.json", "vocab.json", "seen.json"),
        *("metrics.jsonl", "model.safetensors"),
    ],
)
@pytest.mark.parametrize("how", ["flipped", "gone"])
def test_nothing_of_a_finished_run_may_be_damaged(world, run: Path, name: str, how: str) -> None:
    if how == "gone":
        (run / name).unlink()
    else:
        flip(run / name)
    assert finished(run, world.plan(), GIVEN) is None


def test_an_unfinished_run_is_not_finished(world, tmp_path: Path) -> None:
    def end(epoch: int, *_: object, **__: object) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "run", progress=end, **GIVEN)
    assert finished(tmp_path / "run", world.plan(), GIVEN) is None
    assert not open_run(tmp_path / "run").record.done
