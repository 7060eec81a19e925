"""The benchmark of DSCMR's step compares two that compute the same."""

import pytest

from benchmarks import labelled_step

SMALL = ("hidden=16", "embed_dim=8")


def test_both_sides_have_the_same_losses(monkeypatch):
    monkeypatch.setitem(labelled_step.WIDTHS, "small", (6, 4))
    row = labelled_step.measure("small", 120, steps=3, rounds=2, given=SMALL)
    assert row["apart"] < 1e-4
    assert row["first_loss"] > 0
    assert row["ratio"]["median"] > 0


def test_another_loss_is_no_comparison(monkeypatch):
    monkeypatch.setitem(labelled_step.WIDTHS, "small", (6, 4))
    with pytest.raises(SystemExit, match="losses differ by"):
        labelled_step.measure("small", 120, steps=1, rounds=1, given=(*SMALL, "apart=0.2"))
