"""TensorBoard's events of a training: the numbers of metrics.jsonl, each epoch once."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.plots.events import Events, tag
from tests.e2e.conftest import SMALL, Chain, Type
from tests.interruption import metrics
from train.record import Record

pytest.importorskip("tensorboard")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TRAIN = (*SMALL, "--set", "epochs=3", "--seed", 7, "--tensorboard")


def read(run: Path) -> dict[str, list[tuple[int, float]]]:
    """Every event in the files, also what TensorBoard would hide as overtaken."""
    accumulator = EventAccumulator(str(run / "tensorboard"), purge_orphaned_data=False)
    accumulator.Reload()
    return {
        name: [(event.step, event.value) for event in accumulator.Scalars(name)]
        for name in accumulator.Tags()["scalars"]
    }


def wanted(run: Path) -> dict[str, list[tuple[int, float]]]:
    told: dict[str, list[tuple[int, float]]] = {}
    for row in metrics(run):
        for name, value in row.items():
            if name != "epoch":
                told.setdefault(tag(name), []).append((row["epoch"], value))
    return told


def require_same(run: Path) -> None:
    found = read(run)
    assert found.keys() == wanted(run).keys()
    for name, points in wanted(run).items():
        assert [step for step, _ in found[name]] == [step for step, _ in points]
        values = [value for _, value in points]
        assert [value for _, value in found[name]] == pytest.approx(values, rel=1e-6)


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Interrupt a training in the validation of its nth epoch."""
    from pipeline import fitting

    real = fitting.judge

    def at(nth: int) -> None:
        judged: list[int] = []

        def once(*given: Any, **named: Any) -> Any:
            judged.append(1)
            if len(judged) == nth:
                raise KeyboardInterrupt
            return real(*given, **named)

        monkeypatch.setattr(fitting, "judge", once)

    return at


def test_the_events_are_the_metrics_also_of_a_training_that_goes_on(
    tencrop: Type, chain: Chain, tmp_path: Path, cut: Callable[[int], None]
) -> None:
    words = ("train", chain.cache, "--data", chain.data, *TRAIN, "--work", tmp_path)
    cut(3)
    assert tencrop(*words).code == 130
    (run,) = (tmp_path / "runs").iterdir()
    require_same(run)
    assert len(metrics(run)) == 2
    cut(0)
    assert tencrop(*words).code == 0
    require_same(run)
    assert len(metrics(run)) == 3
    assert len([*(run / "tensorboard").iterdir()]) == 1
    # Of a finished run too, where they are lost or were not asked for.
    for file in (run / "tensorboard").iterdir():
        file.unlink()
    assert tencrop(*words).code == 0
    require_same(run)
    assert tencrop("run", "verify", run).code == 0
    assert tencrop("remove", "--yes", run, "--work", tmp_path).code == 0
    assert not run.exists()


def test_nothing_is_written_unless_asked_for(chain: Chain) -> None:
    assert not (chain.run / "tensorboard").exists()


def test_the_weights_are_the_same_with_events(tencrop: Type, chain: Chain, tmp_path: Path) -> None:
    words = ("train", chain.cache, "--data", chain.data, *SMALL, "--tensorboard")
    run = Path(tencrop(*words, "--work", tmp_path).last)
    assert run.name == chain.run.name
    name = "model.safetensors"
    assert (run / name).read_bytes() == (chain.run / name).read_bytes()


def test_without_tensorboard_the_option_is_refused_before_anything(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    said = tencrop("train", chain.cache, "--data", chain.data, *TRAIN, "--work", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert "not installed; type make setup EXTRAS=1, or leave it out" in said.err
    assert not (tmp_path / "runs").exists()


def test_the_clock_is_that_of_the_training(tmp_path: Path) -> None:
    events = Events(tmp_path)
    rows = [{"epoch": n, "score": 1.0, "seconds": 100.0 * n} for n in (1, 2, 3)]
    events(Record("", history=rows[:2]))
    events(Record("", history=rows))
    events.close()
    accumulator = EventAccumulator(str(tmp_path / "tensorboard"))
    accumulator.Reload()
    times = [event.wall_time for event in accumulator.Scalars("validation/score")]
    assert [times[1] - times[0], times[2] - times[1]] == pytest.approx([200.0, 300.0], abs=0.01)


def test_what_cannot_be_written_is_said_once_and_costs_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tensorboard").write_text("a file")
    events = Events(tmp_path)
    for many in (1, 2):
        events(Record("", history=[{"epoch": n + 1, "score": 1.0} for n in range(many)]))
    events.close()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "tensorboard is not written any more" in said
