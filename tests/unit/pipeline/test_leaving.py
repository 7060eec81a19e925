"""A training that is ended by Ctrl-C or SIGTERM saves the step under way, or ends at once."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import fitting, leaving
from pipeline.interrupt import SIGNALS, Ended, interruptible
from tests.interruption import assert_same_run
from tests.tiny import world
from train.plan import Plan
from train.recipe import resolve
from train.record import Record

STEPS = ("epochs=3", "batch_size=6", "embed_dim=8", "word_dim=4", "min_count=1")
"""24 captions in steps of 6."""


@pytest.fixture
def ended() -> Iterator[Ended]:
    """As in a command; put back after, though a signal has come."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    with interruptible() as ended:
        yield ended
    for number, handler in before.items():
        signal.signal(number, handler)


def plan(folder: Path) -> Plan:
    recipe = resolve({}, STEPS)
    corpus, sources, _ = world(recipe, folder)
    return Plan.of(corpus, sources, recipe, 0)


def fit(tmp_path: Path, run: str) -> None:
    given = {"recipe": "tiny"}
    fitting.fit(plan(tmp_path), tmp_path / run, given, device="cpu", save_every=600.0)


def signalled(monkeypatch: pytest.MonkeyPatch, epoch: int, step: int, number: int) -> None:
    """The process gets the signal right after this step."""
    drawn = fitting.TrainingBar.__call__

    def call(self: Any, at: int, now: int, steps: int, **told: Any) -> None:
        drawn(self, at, now, steps, **told)
        if (at, now) == (epoch, step):
            os.kill(os.getpid(), number)

    monkeypatch.setattr(fitting.TrainingBar, "__call__", call)


@pytest.mark.parametrize(
    ("moment", "number", "where"),
    [
        ((2, 2), signal.SIGINT, "step 3 of epoch 2"),
        ((1, 1), signal.SIGTERM, "step 2 of epoch 1"),
        ((2, 3), signal.SIGINT, "the end of epoch 2"),
        ((2, 4), signal.SIGTERM, "the end of epoch 2"),
    ],
)
def test_the_step_under_way_is_saved(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ended: Ended,
    moment: tuple[int, int],
    number: int,
    where: str,
) -> None:
    """That before the validation by the epoch's end."""
    with monkeypatch.context() as patch:
        signalled(patch, *moment, number)
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path, "run")
    assert f"saved at {where}" in capsys.readouterr().err
    assert ended.code == 128 + number
    assert all(signal.getsignal(each) is ended for each in SIGNALS)
    ended.already = False
    fit(tmp_path, "run")
    fit(tmp_path, "whole")
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_before_the_first_step_nothing_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: Ended
) -> None:
    monkeypatch.setattr(fitting.opening, "parts", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, "run")
    assert not (tmp_path / "run" / "last.json").exists()


def test_a_second_signal_does_not_wait(ended: Ended) -> None:
    with leaving.leaving() as left:
        left.waits = True
        os.kill(os.getpid(), signal.SIGTERM)
        assert left.wanted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert ended.code == 130


def test_a_state_that_takes_too_long_is_not_waited_for(ended: Ended) -> None:
    with leaving.leaving(soon=0.05) as left:
        left.waits = True
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(30)
    assert ended.code == 143


def test_a_training_that_ends_first_is_whole_and_the_command_ends(ended: Ended) -> None:
    seen = []

    def finish() -> None:
        with leaving.leaving() as left:
            left.waits = True
            os.kill(os.getpid(), signal.SIGINT)
            left.saved(Record("", epoch=3, done=True))
            seen.append("done")
        seen.append("what would come next")

    with pytest.raises(KeyboardInterrupt):
        finish()
    assert seen == ["done"]


def test_in_another_thread_no_signal_is_taken() -> None:
    found = []

    def run() -> None:
        with leaving.leaving():
            found.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [before]
