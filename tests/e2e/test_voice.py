"""What a person reads of each stage: what was found, where it goes on from, what to type next."""

from pathlib import Path
from typing import Any

import pytest

from core.store import FeatureWriter
from pipeline.said.progress import TrainingBar
from pipeline.typed.by_make import ASKED_BY
from tests.e2e.conftest import FEATURES, SMALL, Chain, Said, Type

SIZES = ("--train", 8, "--val", 4, "--test", 2)
FOUND = "data: 14 pictures, 70 captions (train 8, val 4, test 2)"
MADE = "squeezenet1_1 with random(seed=0), 1 crop of 256:224: 512 float32 numbers a picture; on cpu"
PARTS = "data: trains on 8 pictures with 40 captions"


def begin(said: Said, *lines: str) -> None:
    """Each line of what was said begins so."""
    found = said.err.splitlines()
    assert said.code == 0, said.err
    assert len(found) == len(lines), said.err
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start)


@pytest.fixture
def data(tencrop: Type, tmp_path: Path) -> Path:
    return Path(tencrop("scenes", tmp_path / "data", *SIZES).last)


def test_each_stage_says_what_it_found_makes_and_leaves(tencrop: Type, data: Path) -> None:
    stage_one = ("features", data, *FEATURES, "--device", "cpu")
    cached = tencrop(*stage_one)
    cache = cached.last
    to_train = f"next: python -m pipeline train {cache} --data {data}"
    computed = "14 pictures computed in "
    begin(cached, FOUND, MADE, f"{cache}: new", computed, to_train)
    begin(tencrop(*stage_one), FOUND, MADE, f"{cache}: complete, all 14 pictures", to_train)

    stage_two = ("train", cache, "--data", data, *SMALL, "--set", "phase.warm.epochs=1")
    trained = tencrop(*stage_two, "--device", "cpu")
    run, words = trained.last, f"{PARTS}, "
    epochs = [
        "vse++w, seed 0: 2 epochs (warm (loss all) from 1 on, main (loss hardest) from 2 on); on",
        f"{run}: new",
        "epoch 1/2: loss 0.",
        "epoch 2: from here on main (loss hardest)",
        "epoch 2/2: loss 0.",
    ]
    best = "best of 2 epochs: epoch "
    to_judge = f"next: python -m pipeline evaluate {run}"
    begin(trained, words, *epochs, best, to_judge)
    begin(tencrop(*stage_two), f"{run}: finished, 2 epochs", best, to_judge)


def test_an_answer_says_who_was_asked_about_what(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("evaluate", chain.run, "--out", out, "--device", "cpu")
    asked = " of 2, is asked about test of scenes: 12 pictures, 60 captions; on cpu, "
    others = f"next, of other pictures: python -m pipeline evaluate {chain.run} --data OTHER"
    few = "the intervals are of 12 pictures, and of fewer than 50 they are too narrow; ask"
    page = f"to look at: {out / 'report.html'}"
    first = tencrop(*words)
    begin(first, f"{chain.run.name}, epoch ", f"written: {out / 'report.json'}", few, page, others)
    assert asked in first.err.splitlines()[0]
    said = f"nothing that the answer follows from has changed: it is that of {out / 'report.json'}"
    begin(tencrop(*words), f"{chain.run.name}, epoch ", said, few, page, others)


def test_what_was_interrupted_says_where_it_goes_on(
    tencrop: Type, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, called = FeatureWriter.commit, TrainingBar.__call__

    def second(self: FeatureWriter, number: int, *given: Any) -> None:
        if number == 1:
            raise KeyboardInterrupt
        commit(self, number, *given)

    def third_step(self: TrainingBar, epoch: int, step: int, *given: Any, **facts: Any) -> None:
        if (epoch, step) == (2, 3):
            raise KeyboardInterrupt
        called(self, epoch, step, *given, **facts)

    stage_one = ("features", data, *FEATURES, "--shard-size", 5)
    with monkeypatch.context() as patched:
        patched.setattr(FeatureWriter, "commit", second)
        assert tencrop(*stage_one).code == 130
    cached = tencrop(*stage_one)
    assert f"{cached.last}: 5 of 14 pictures are there\n9 pictures computed in " in cached.err

    words = ("train", cached.last, "--data", data, *SMALL, "--set", "batch_size=8")
    stage_two = (*words, "--save-every", 0)
    with monkeypatch.context() as patched:
        patched.setattr(TrainingBar, "__call__", third_step)
        assert tencrop(*stage_two).code == 130
    trained = tencrop(*stage_two)
    assert f"{trained.last}: going on at epoch 2, step 4\n" in trained.err


def test_make_is_told_of_its_targets(
    tencrop: Type, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    said = tencrop("features", chain.data, *FEATURES, "--work", chain.work)
    assert said.err.splitlines()[-1] == "next: make train"


def test_captions_that_are_missing_are_not_sent_to_train(tencrop: Type, data: Path) -> None:
    (data / "scenes.json").unlink()
    said = tencrop("features", data, *FEATURES)
    assert said.code == 0, said.err
    assert "data: 14 pictures, no captions (" in said.err
    assert said.err.splitlines()[-1].startswith("next: no captions, so nothing to train on; ")
