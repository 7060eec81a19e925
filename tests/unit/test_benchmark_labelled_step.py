"""The benchmark of DSCMR's step compares two that compute the same."""

import sys

import pytest

from benchmarks import labelled_side, labelled_step
from benchmarks.apart import Side

SMALL = ("hidden=16", "embed_dim=8")


@pytest.fixture
def small(monkeypatch):
    """A row of narrow vectors; ours is in this process, and the port in one of its own."""
    monkeypatch.setitem(labelled_step.WIDTHS, "small", (6, 4))
    monkeypatch.setattr(labelled_side.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(labelled_side, "keep_freed_memory", lambda: None)

    class Here:
        def __init__(self, module, side, given):
            assert (module, side) == ("benchmarks.labelled_side", "ours")
            monkeypatch.setattr(labelled_side, "answer", lambda _, work: setattr(self, "run", work))
            labelled_side.main(side, given)

        def close(self):
            pass

    def side(module, name, given):
        return (Here if name == "ours" else Side)(module, name, given)

    monkeypatch.setattr(labelled_step, "Side", side)
    return lambda *more, **given: labelled_step.measure(
        "small", 120, assignments=(*SMALL, *more), **given
    )


def test_both_sides_have_the_same_losses(small):
    row = small(steps=3, rounds=2)
    assert row["apart"] < 1e-5
    assert row["first_loss"] > 0
    assert row["ratio"]["median"] > 0
    assert row["rounds"] == 2


def test_another_loss_is_no_comparison(small):
    with pytest.raises(SystemExit, match="losses differ by"):
        small("apart=0.2", steps=1, rounds=1)


def test_losses_that_are_no_numbers_are_no_comparison(monkeypatch):
    class Broken:
        def __init__(self, module, side, given):
            self.losses = [float("nan") if side == "ours" else 1.0]

        def run(self):
            return {"cpu_s": 1.0, "losses": self.losses}

        def close(self):
            pass

    monkeypatch.setattr(labelled_step, "Side", Broken)
    with pytest.raises(SystemExit, match="losses differ by nan"):
        labelled_step.measure("published", 120, steps=1, rounds=1)


def test_the_ratio_is_how_many_times_ours_the_port_takes(monkeypatch):
    """The round before the first is not measured; losses of later ones may be further apart."""

    class Told:
        def __init__(self, module, side, given):
            took, far = (1.0, 0.0) if side == "ours" else (2.0, 0.1)
            self.told = iter([(9.0, 0.0), (took, far), (took, far)])

        def run(self):
            seconds, far = next(self.told)
            return {"cpu_s": seconds, "losses": [1.0 + far]}

        def close(self):
            pass

    monkeypatch.setattr(labelled_step, "Side", Told)
    row = labelled_step.measure("published", 120, steps=1, rounds=2)
    found = [row[name]["median"] for name in ("ratio", "ours_s", "plain_s")]
    assert (*found, row["apart"]) == (2.0, 1.0, 2.0, 0.0)


@pytest.mark.parametrize(("typed", "port"), [([], "port"), (["--kept"], "port-kept")])
def test_the_command_prints_a_row_a_pair_of_widths(typed, port, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(labelled_step.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(
        labelled_step,
        "measure",
        lambda name, *given, port, **more: asked.append((name, port)) or {"name": name},
    )
    monkeypatch.setattr(sys, "argv", ["labelled_step", *typed])
    labelled_step.main()
    assert asked == [("published", port), ("wikipedia", port)]
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("side", ["ours", "port", "port-kept"])
def test_only_the_port_as_it_is_published_leaves_the_allocator_alone(side, monkeypatch):
    kept = []
    monkeypatch.setattr(labelled_side.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(labelled_side, "keep_freed_memory", lambda: kept.append(side))
    monkeypatch.setattr(labelled_side, "taking", lambda side, *given: None)
    monkeypatch.setattr(labelled_side, "answer", lambda began, work: None)
    labelled_side.main(side, '{"items": 1, "widths": [1, 1], "steps": 1, "assignments": []}')
    assert kept == ([] if side == "port" else [side])
