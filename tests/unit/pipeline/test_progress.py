"""What a person sees while something goes on: a bar on a terminal, a line a while in a log."""

import io
import os
import sys

import pytest

from pipeline.said.progress import LOG_SECONDS, LONGEST_SECONDS, Bar, TrainingBar, bar, say


class Clock:
    """A clock that is told what time it is."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    return made


def train(drawn: TrainingBar, epochs: tuple[int, ...] = (1, 2), steps: int = 2) -> None:
    """Epochs whose loss rises, each validated."""
    for epoch in epochs:
        for step in range(1, steps + 1):
            loss, mean = epoch * (2.0 * step - 1), epoch * float(step)
            facts = {"loss": loss, "mean_loss": mean, "examples_per_second": 9.0}
            drawn(epoch, step, steps, **facts, validation={})
        drawn.validated(f"rsum {60.0 * epoch} (R@1 5.0 and 4.0)")
    drawn.close()


def test_an_epoch_ends_with_its_mean_loss_and_its_validation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    train(TrainingBar(2))
    assert capsys.readouterr().err.splitlines() == [
        "epoch 1/2: loss 2, validation rsum 60.0 (R@1 5.0 and 4.0)",
        "epoch 2/2: loss 4, validation rsum 120.0 (R@1 5.0 and 4.0)",
    ]


def test_a_phase_that_begins_is_said_before_its_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    train(TrainingBar(3, {1: "the first", 2: "the second", 4: "never"}), epochs=(1, 2, 3))
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[2][:26] for line in said] == [
        "1/3: loss 2, validation rs",
        "2: from here on the second",
        "2/3: loss 4, validation rs",
        "3/3: loss 6, validation rs",
    ]


def test_a_log_has_a_line_a_while_with_the_time_that_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    drawn = Bar("features", "picture", clock=clock)
    drawn.reach(2000, 8000)  # there already: no part of the pace
    clock.now += LOG_SECONDS - 1
    drawn.reach(2100, 8000)
    assert capsys.readouterr().err == ""
    clock.now += 1
    drawn.reach(2200, 8000)
    clock.now += 1
    drawn.reach(2210, 8000)
    said = capsys.readouterr().err.splitlines()
    # 200 pictures in 20 seconds; 5,800 are left
    assert said == ["features: 2,200 of 8,000 pictures, 10 a second, 10 min left"]
    assert drawn.left == "10 min left"


def test_the_lines_of_a_long_log_come_more_seldom(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    drawn, hours = Bar("features", "picture", clock=clock), 24
    for second in range(hours * 3600):
        clock.now = 100.0 + second
        drawn.reach(second, hours * 3600)
    lines = len(capsys.readouterr().err.splitlines())
    assert hours * 3600 / LONGEST_SECONDS <= lines <= 2 * hours * 3600 / LONGEST_SECONDS


def test_a_terminal_has_a_bar_with_the_time_that_is_left_and_no_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = on_a_terminal(monkeypatch)
    clock = Clock()
    drawn = Bar("features", "picture", clock=clock)
    for done in range(2000, 8001, 500):
        clock.now += LOG_SECONDS
        drawn.reach(done, 8000, "a note")
        if drawn._drawn is not None:
            drawn._drawn.refresh()
    assert "\n" not in terminal.getvalue()
    assert "features:  50%|" in terminal.getvalue()
    assert "4000/8000" in terminal.getvalue()
    assert drawn.left == ""
    drawn.close()


def test_a_terminal_that_knows_no_size_has_a_bar_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setattr(terminal, "fileno", lambda: 2)
    sizes = {True: os.terminal_size((0, 0)), False: os.terminal_size((120, 30))}
    for lost, size in sizes.items():
        monkeypatch.setattr(os, "get_terminal_size", lambda *_, size=size: size)
        drawn = Bar("features", "picture")
        drawn.reach(1, 8)
        assert drawn._drawn is not None
        assert (drawn._drawn.ncols == 80) is lost
        drawn._drawn.refresh()
        drawn.close()
    assert "features:  12%|" in terminal.getvalue()


def test_on_a_terminal_the_bar_is_of_the_whole_training(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    drawn = TrainingBar(4)
    facts = {"loss": 0.2, "mean_loss": 0.2, "examples_per_second": 9.0}
    drawn(3, 1, 10, **facts, validation={"score": 7.0})
    assert drawn._bar._drawn is not None
    assert (drawn._bar._drawn.n, drawn._bar._drawn.total) == (21, 40)
    drawn._bar._drawn.refresh()
    assert "epoch 3/4:" in terminal.getvalue()
    assert "loss 0.2, score 7.0" in terminal.getvalue()
    drawn.close()


def test_a_log_has_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("features", 10, "picture") as reach:
        reach(4, 10)
        reach(10, 10)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_what_is_said_is_one_line_whatever_a_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\nb\r\x1b[2J\u2028.jpg 👩‍👩‍👧 كلب")
    assert capsys.readouterr().err == "a\\nb\\r\\x1b[2J\\u2028.jpg 👩‍👩‍👧 كلب\n"
