"""What several runs must share to be averaged, and the facts of all in one report."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.errors import RunError
from pipeline.asked.posed import Posed
from pipeline.asked.together import (
    facts_of,
    require_different,
    require_one_question,
    require_one_training,
)
from train.opened import Opened
from train.seen import Seen

A, B, C = Path("runs/a"), Path("runs/b"), Path("runs/c")


def opened(run: Path, model: str = "", *, known: bool = True, **captions: str) -> Opened:
    told = {"train": "t", "val": "v", "test": "e", **captions}
    seen = Seen([("x", "1")] if known else [], [], told, ("train",))
    record = SimpleNamespace(model_sha256=model or run.name)
    return cast(Opened, SimpleNamespace(run=run, seen=seen, record=record))


def test_a_model_twice_is_refused() -> None:
    require_different([opened(A), opened(B)])
    with pytest.raises(RunError, match="^runs/a is given twice; give it once"):
        require_different([opened(A), opened(B), opened(A)])
    with pytest.raises(RunError, match="runs/b and runs/a are one model, given twice"):
        require_different([opened(A), opened(B, "a")])


def test_runs_of_different_corpora_are_refused_with_both_named() -> None:
    require_one_training([opened(A), opened(B), opened(C, test="other")])
    for split in ("train", "val"):
        with pytest.raises(RunError, match=f"runs/a and runs/c were .* in '{split}'.*ask each"):
            require_one_training([opened(A), opened(B), opened(C, **{split: "other"})])


def test_what_nobody_knows_is_not_refused() -> None:
    require_one_training([opened(A, known=False), opened(B, train="other")])
    with pytest.raises(RunError, match="runs/b and runs/c"):
        require_one_training([opened(A, known=False), opened(B), opened(C, train="other")])


def posed(run: Path, digest: str, *ids: str) -> Posed:
    facts = {"corpus": {"name": "x", "sha256": digest}}
    judged = SimpleNamespace(images=[SimpleNamespace(id=each) for each in ids])
    told = SimpleNamespace(opened=SimpleNamespace(run=run), facts=facts, judged=judged)
    return cast(Posed, told)


def test_runs_that_are_asked_about_other_things_are_refused_with_both_named() -> None:
    first = posed(A, "1", "x", "y")
    require_one_question([first, posed(B, "1", "y", "x")])
    with pytest.raises(RunError, match="runs/a and runs/c are asked about other pictures or capt"):
        require_one_question([first, posed(B, "1", "x", "y"), posed(C, "2", "x", "y")])
    with pytest.raises(RunError, match="runs/a and runs/b .*: only one has features of 'y'"):
        require_one_question([first, posed(B, "1", "x")])


def test_what_all_share_is_told_once_and_the_rest_run_by_run() -> None:
    shared = {"split": "val", "corpus": {"name": "x", "sha256": "1"}, "code": "c"}
    one: dict[str, Any] = {**shared, "run": "a", "seed": 0, "gallery": {"strength": 1.0}}
    two: dict[str, Any] = {**shared, "run": "b", "seed": 0}
    assert facts_of([one, two]) == {
        **shared,
        "run": ["a", "b"],
        "seed": [0, 0],
        "gallery": [{"strength": 1.0}, None],
    }
