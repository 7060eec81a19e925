"""What a training found before it was alone in its run is what it goes on from, or it says so."""

from collections import Counter

import pytest
from train_fakes import make_world

import train.states
import train.training
from core.errors import RunError
from core.files import file_sha256
from tests.interruption import assert_same_run, flip, interrupted_at, tensor_files
from train.states import find_state, unchanged


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path)


def leave(world, run, *moment):
    with pytest.raises(KeyboardInterrupt):
        world.train(run, progress=interrupted_at(*moment), save_every=0.0)


def test_each_tensor_file_is_hashed_once_before_it_is_loaded(world, tmp_path, monkeypatch):
    run, hashed = tmp_path / "run", Counter()
    leave(world, run, 2, 2)
    files = {name for name in tensor_files(run).values() if name}

    def counting(file):
        hashed[file.name] += 1
        return file_sha256(file)

    monkeypatch.setattr(train.states, "file_sha256", counting)
    world.train(run)
    assert {name: hashed[name] for name in files} == dict.fromkeys(files, 1)


@pytest.mark.parametrize("moment", [None, (1, 2)])
def test_a_run_that_another_training_took_further_is_told_of(world, tmp_path, monkeypatch, moment):
    run, build = tmp_path / "run", train.training.build
    if moment:
        leave(world, run, *moment)

    with monkeypatch.context() as patch:

        def late(*given):
            patch.setattr(train.training, "build", build)
            leave(world, run, 2, 1)
            return build(*given)

        patch.setattr(train.training, "build", late)
        with pytest.raises(RunError, match="changed in the meantime; run the same command again"):
            world.train(run)
    world.train(run)
    world.train(tmp_path / "whole")
    assert_same_run(run, tmp_path / "whole")


def test_the_state_before_a_damaged_one_is_found_again(world, tmp_path):
    run = tmp_path / "run"
    leave(world, run, 2, 2)
    flip(run / tensor_files(run)["state"])
    found = find_state(run)
    assert (found.epoch, found.step) == (1, 1)
    assert unchanged(run, found)
    leave(world, run, 2, 3)
    assert not unchanged(run, found)
    assert not unchanged(run, None)
