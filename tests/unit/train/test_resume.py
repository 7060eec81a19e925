"""Resumed == uninterrupted, whatever the moment; damaged or foreign runs are refused."""

import json
import re
from itertools import takewhile

import pytest
import torch
from train_fakes import make_world, rising, warmed

import core.files
import core.splitting
import train.trained
from core.errors import BusyError, RunError
from core.lock import exclusive
from core.sealed import read_sealed, write_sealed
from tests.interruption import Killed, assert_same_run, digests, fail_at, interrupted_at
from train.record import read_record
from train.trained import load

CPU = torch.device("cpu")
FILES = ("model.safetensors", "config.json", "vocab.json")
SHORT = ("crop=random", "epochs=2", "batch_size=20")
DRAWN = ("crop=random", "image.dropout=0.2", "word_dropout=0.2")
OPTIONS = (*DRAWN, "epochs=4", "batch_size=14")


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, crops=3)


@pytest.fixture
def whole(world, tmp_path):
    world.train(tmp_path / "whole", *OPTIONS, recipe=warmed(), validate=rising)
    return tmp_path / "whole"


@pytest.mark.parametrize("moment", [(1, 1), (1, 3), (2, 1), (2, 2), (3, 3), (4, 1), (4, 3)])
def test_resumed_equals_uninterrupted(world, whole, tmp_path, moment):
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        world.train(
            run, *OPTIONS, recipe=warmed(), validate=rising, progress=interrupted_at(*moment)
        )
    world.train(run, *OPTIONS, recipe=warmed(), validate=rising)
    assert_same_run(run, whole)


def test_interrupted_at_every_epoch_equals_uninterrupted(world, whole, tmp_path):
    run = tmp_path / "run"
    for epoch in (1, 2, 3, 4):
        with pytest.raises(KeyboardInterrupt):
            world.train(
                run, *OPTIONS, recipe=warmed(), validate=rising, progress=interrupted_at(epoch, 3)
            )
    world.train(run, *OPTIONS, recipe=warmed(), validate=rising)
    assert_same_run(run, whole)


def test_a_kill_at_any_write_leaves_what_loads_or_says_how_and_goes_on(
    world, tmp_path, monkeypatch
):
    world.train(tmp_path / "whole", *SHORT, validate=rising)
    with monkeypatch.context() as patch:
        count = fail_at(patch, 0)
        world.train(tmp_path / "counted", *SHORT, validate=rising)
    assert count["n"] >= 2 * (3 + 2 * 3 + 1)
    said = []
    for nth in range(1, count["n"] + 1):
        run = tmp_path / f"run{nth}"
        with monkeypatch.context() as patch:
            fail_at(patch, nth)
            with pytest.raises(Killed):
                world.train(run, *SHORT, validate=rising)
        said.append(refusal(world, run))
        (run / f"{core.files.TEMPORARY}left").write_text("of a kill -9")
        world.train(run, *SHORT, validate=rising)
        assert_same_run(run, tmp_path / "whole")
    refusals = [*takewhile(bool, said)]
    assert all(re.search("no finished epoch|is not a run", each) for each in refusals)
    assert not any(said[len(refusals) :]), "once an epoch is whole there is always a model"
    assert len(refusals) < count["n"] / 2


def refusal(world, run):
    """Why the run cannot be asked; empty where it can."""
    try:
        load(run, CPU).predict(world.corpus.split("val"), world.sources)
    except RunError as error:
        return str(error)
    return ""


def test_a_finished_run_is_found_and_not_trained_again(world, whole):
    before = digests(whole, *FILES, "last.json", "metrics.jsonl")
    forbidden = interrupted_at(1, 1, AssertionError)
    again = world.train(whole, *OPTIONS, recipe=warmed(), validate=rising, progress=forbidden)
    assert again.epochs == 4
    assert digests(whole, *FILES, "last.json", "metrics.jsonl") == before
    assert sorted(file.name for file in whole.iterdir()) == [
        ".lock",
        "config.json",
        "last.json",
        "metrics.jsonl",
        "model.safetensors",
        "previous.json",
        "seen.json",
        "vocab.json",
    ]


def test_what_was_given_may_change_and_settings_may_not(world, whole):
    world.train(whole, *OPTIONS, recipe=warmed(), validate=rising, data="moved")
    assert json.loads((whole / "config.json").read_text())["given"] == {"data": "moved"}
    with pytest.raises(
        RunError, match=r"loss\.all\.margin = 0\.2 \(now 0\.3\), .*optimiser\.lr = 0\.01 \(now 0\.1"
    ):
        world.train(whole, *OPTIONS, "margin=0.3", "lr=0.1", recipe=warmed())
    with pytest.raises(RunError, match=r"seed = 0 \(now 1\).*another --run"):
        world.train(whole, *OPTIONS, recipe=warmed(), seed=1)


def test_another_corpus_is_another_run(world, whole, tmp_path):
    other = make_world(tmp_path / "other", crops=3, captions=3)
    with pytest.raises(RunError, match="seen = "):
        other.train(whole, *OPTIONS, recipe=warmed())


@pytest.mark.parametrize(
    "name", ["model.safetensors", "last.json", "vocab.json", "seen.json", "config.json"]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_damage_is_found_on_load(world, whole, name, damage):
    file = whole / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data if damage == "flip" else data[: len(data) // 2])
    if damage == "remove":
        file.unlink()
    with pytest.raises(RunError, match=r"train|put it back"):
        load(whole, CPU)


def test_a_model_with_other_weights_is_refused(whole, monkeypatch):
    monkeypatch.setattr(train.trained, "read_best", lambda run: (read_record(run), {}))
    with pytest.raises(RunError, match="another version"):
        load(whole, CPU)


def test_another_vocabulary_of_the_same_captions_is_refused(world, tmp_path, monkeypatch):
    run = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        world.train(run, *OPTIONS, recipe=warmed(), progress=interrupted_at(2, 1))
    before = digests(run, "vocab.json", "last.json")
    split = core.splitting.tokenise
    odd = {"words": lambda text: [f"{w}!" for w in split(text)]}
    monkeypatch.setattr(core.splitting, "SPLITS", odd)
    with pytest.raises(RunError, match="another vocabulary"):
        world.train(run, *OPTIONS, recipe=warmed())
    assert digests(run, "vocab.json", "last.json") == before


def test_a_run_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match="not a run"):
        load(tmp_path, CPU)


def test_a_run_of_which_no_epoch_is_done(world, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        world.train(tmp_path / "run", progress=interrupted_at(1, 2))
    with pytest.raises(RunError, match="no finished epoch"):
        load(tmp_path / "run", CPU)


def test_another_format_is_refused(whole):
    config = read_sealed(whole / "config.json")
    write_sealed(whole / "config.json", config | {"format": "tencrop-run/9"})
    with pytest.raises(RunError, match="'tencrop-run/9', not 'tencrop-run/2'"):
        load(whole, CPU)


def test_a_file_in_the_place_of_the_run_is_refused(world, tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(RunError, match="is a file"):
        world.train(tmp_path / "run")


def test_two_writers_are_refused(world, tmp_path):
    with exclusive(tmp_path / "run"), pytest.raises(BusyError, match="process"):
        world.train(tmp_path / "run")
