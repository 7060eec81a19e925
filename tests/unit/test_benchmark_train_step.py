"""The comparison of stage two: both sides descend alike, and torch's own networks agree."""

import sys

import numpy as np
import pytest

from benchmarks import captions, train_step
from benchmarks.timing import compare


@pytest.fixture(scope="module")
def rows():
    """Every row of few drawn captions, at a width at which nothing is fast."""
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_step, "show", told.append)
        train_step.measure(captions.drawn(words=200, pictures=40), 1, rounds=3, dim=16)
    return told


def test_the_port_loses_as_much_at_each_step(rows):
    losses = rows[0]["losses"]
    assert len(losses["ours"]) == 4
    np.testing.assert_allclose(losses["ours"], losses["port"], rtol=0, atol=5e-5)
    assert losses["ours"][0] != losses["ours"][-1]


def test_a_row_tells_the_ratio_and_the_share_of_loading(rows):
    assert [row["name"] for row in rows] == ["train_step", "encoder", "encoder"]
    assert all(row["ratio"]["median"] > 0 for row in rows)
    assert 0 < rows[0]["loading"] < 1
    assert rows[0]["ours_captions_per_cpu_s"] > 0


def test_torchs_own_networks_give_the_same_states(rows):
    assert [row["encoder"] for row in rows[1:]] == ["gru, both directions", "lstm"]
    assert all(0 <= row["difference"] < 1e-5 for row in rows[1:])


def test_a_row_a_sort_of_captions_and_number_of_threads(monkeypatch):
    asked = []
    monkeypatch.setattr(train_step.torch, "set_num_threads", asked.append)
    monkeypatch.setattr(train_step, "keep_freed_memory", lambda: None)
    monkeypatch.setattr(train_step, "measure", lambda *given, **named: asked.append(given[0].name))
    monkeypatch.setattr(captions, "DATA", captions.DATA / "nowhere")
    monkeypatch.setattr(sys, "argv", ["train_step", "--threads", "1", "2"])
    train_step.main()
    assert asked == [1, "drawn", 2, "drawn"]


def test_seconds_are_those_of_the_clock():
    ticks = iter(range(100))
    row = compare("x", lambda: next(ticks), lambda: None, rounds=2, clock=lambda: next(ticks))
    assert row["ours_s"]["median"] == 2
    assert row["ratio"]["median"] == 0.5
