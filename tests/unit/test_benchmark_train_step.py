"""The comparison of stage two: both sides descend alike, and torch's own networks agree."""

import sys
import time

import numpy as np
import pytest
import torch

from benchmarks import captions, timing, train_step
from benchmarks.timing import compare


@pytest.fixture(scope="module")
def rows():
    """Every row of few drawn captions, at a width at which nothing is fast."""
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_step, "show", told.append)
        train_step.measure(captions.drawn(words=200, pictures=40), 1, rounds=3, dim=16, epoch=300)
    return told


def test_the_port_loses_as_much_at_each_step(rows):
    losses = rows[0]["losses"]
    assert len(losses["ours"]) == 4
    np.testing.assert_allclose(losses["ours"], losses["port"], rtol=0, atol=5e-5)
    assert losses["ours"][0] != losses["ours"][-1]


def test_a_row_tells_the_ratio_and_the_share_of_loading(rows):
    assert [row["name"] for row in rows] == ["train_step", "epoch", "encoder", "encoder"]
    assert all(row["ratio"]["median"] > 0 for row in rows if row["name"] != "epoch")
    assert 0 < rows[0]["loading"] < 1
    assert rows[0]["ours_captions_per_cpu_s"] > 0


def test_torchs_own_networks_give_the_same_states(rows):
    assert [row["encoder"] for row in rows[2:]] == ["gru, both directions", "lstm"]
    assert all(0 <= row["difference"] < 1e-5 for row in rows[2:])


def test_an_epoch_takes_all_its_captions(rows):
    row = rows[1]
    assert (row["steps"], row["device"], row["precision"]) == (3, "cpu", "float32")
    assert row["seconds"] > 0
    assert row["captions_per_s"] == pytest.approx(3 * 128 / row["seconds"], rel=0.05)


def test_on_a_device_a_span_ends_when_all_is_done(monkeypatch):
    told = []
    monkeypatch.setattr(torch.accelerator, "synchronize", told.append)
    clock = timing.clock_of(torch.device("cuda", 1))
    assert clock() <= clock()
    assert told == [torch.device("cuda", 1)] * 2
    assert timing.clock_of(torch.device("cpu")) is time.process_time


def test_in_bfloat16_the_losses_are_nearly_the_ports(monkeypatch):
    told = []
    monkeypatch.setattr(train_step, "show", told.append)
    corpus = captions.drawn(words=200, pictures=40)
    ours = train_step.Ours(corpus, 1, 16, precision="bfloat16")
    train_step.measure_step(ours, rounds=1, captions="drawn")
    losses = told[0]["losses"]
    np.testing.assert_allclose(losses["ours"], losses["port"], rtol=0.02)
    assert losses["ours"] != losses["port"]


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
