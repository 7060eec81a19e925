"""The curves of a run: what they show, that they are whole, and that they cost no run."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipeline.plots import curves
from pipeline.plots.curves import CURVES, draw_curves, flaw, keep_curves, shows
from pipeline.plots.panels import draw_panel
from pipeline.plots.png import texts
from pipeline.plots.series import panels
from train.record import Record


def row(epoch: int) -> dict[str, float]:
    recalls = {f"{way}_r{k}": k + epoch + 0.5 for way in ("i2t", "t2i") for k in (1, 5, 10)}
    close = {"similarity_positive": 0.1 * epoch, "similarity_negative": -0.1}
    learnt = {"loss": 90.0 / epoch, "mean_loss": 1.0 / epoch, "lr": 0.01 / epoch}
    times = {"seconds": 3.0, "train_seconds": 2.0}
    return {"epoch": epoch, "score": 50.0, "rsum": 50.0, **recalls, **close, **learnt, **times}


def record(*rows: dict[str, float], best: int = 2) -> Record:
    return Record("", best_epoch=best, best={"score": 50.0}, history=list(rows))


FULL = record(row(1), row(2), row(3))
OLD = record({"epoch": 1, "score": 7.0, "loss": 30.0, "lr": 0.1, "i2t_r1": 4.0})
SOLVED = record({"epoch": 0, "score": 9.0, "i2t_r1": 4.0, "t2i_r1": 3.0}, best=0)
OTHER = record({"epoch": 1, "score": 9.0, "bleu": 4.0})


def test_the_panels_show_the_metrics_by_epoch() -> None:
    shown = panels(FULL.history)
    assert shown["loss"] == {"mean_loss": [(1, 1.0), (2, 0.5), (3, 1 / 3)]}
    assert shown["rate"] == {"lr": [(1, 0.01), (2, 0.005), (3, 0.01 / 3)]}
    assert shown["similarity"] == {
        "right pairs": [(1, 0.1), (2, 0.2), (3, 0.1 * 3)],
        "hardest wrong ones": [(1, -0.1), (2, -0.1), (3, -0.1)],
    }
    assert list(shown["validation"]) == [
        *(f"R@{k} {way}" for k in (10, 5, 1) for way in ("image to text", "text to image"))
    ]
    assert shown["validation"]["R@5 text to image"] == [(1, 6.5), (2, 7.5), (3, 8.5)]


def test_a_run_of_before_shows_what_it_knows() -> None:
    assert panels(OLD.history) == {
        "loss": {"loss": [(1, 30.0)]},
        "rate": {"lr": [(1, 0.1)]},
        "validation": {"R@1 image to text": [(1, 4.0)]},
        "similarity": {},
    }
    assert panels(SOLVED.history)["loss"] == {}
    assert panels(OTHER.history)["validation"] == {"score": [(1, 9.0)]}
    gone_on = [*OLD.history, row(2)]
    assert panels(gone_on)["loss"] == {"mean_loss": [(2, 0.5)]}
    assert panels(gone_on)["rate"] == {"lr": [(1, 0.1), (2, 0.005)]}


def test_what_is_drawn_is_what_the_panels_say_each_line_told_apart() -> None:
    for name, series in panels(FULL.history).items():
        axes = Figure().subplots()
        draw_panel(axes, name, series, best_epoch=2)
        best, *lines = axes.lines
        assert set(best.get_xdata()) == {2}
        points = [[*zip(*line.get_data(), strict=True)] for line in lines]
        assert points == list(series.values())
        looks = [(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines]
        assert len(set(looks)) == len(series)
        legend = axes.get_legend()
        told = [text.get_text() for text in legend.get_texts()] if legend else [*series]
        assert told == [*series]


@pytest.mark.parametrize("given", [FULL, OLD, SOLVED, OTHER])
def test_every_run_has_a_picture_and_the_same_run_the_same_bytes(
    given: Record, tmp_path: Path
) -> None:
    for name in ("a.png", "b.png"):
        draw_curves(tmp_path / name, "a run", given)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as drawn:
        drawn.load()
        assert min(drawn.size) > 700


def test_no_bit_of_it_changes_unseen(tmp_path: Path) -> None:
    draw_curves(tmp_path / CURVES, "a run", FULL)
    data = (tmp_path / CURVES).read_bytes()
    assert texts(tmp_path / CURVES) is not None
    assert flaw(tmp_path) == ""
    places = [*range(400), *range(400, len(data), 997), *range(len(data) - 20, len(data))]
    for place in places:
        for bit in (1, 128):
            changed = bytearray(data)
            changed[place] ^= bit
            (tmp_path / CURVES).write_bytes(changed)
            assert texts(tmp_path / CURVES) is None, (place, bit)
    for changed in (data[:-1], data + b"\0", b"", data[:8]):
        (tmp_path / CURVES).write_bytes(changed)
        assert flaw(tmp_path) == "curves.png is damaged: it is no PNG as it was written"
    (tmp_path / CURVES).unlink()
    assert flaw(tmp_path) == ""
    (tmp_path / CURVES).mkdir()
    assert flaw(tmp_path).startswith("curves.png is not a regular file")


def test_it_is_drawn_where_it_is_not_as_it_would_be_and_else_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = draw_curves

    def spy(file: Path, title: str, given: Record) -> None:
        drawn.append(title)
        real(file, title, given)

    monkeypatch.setattr(curves, "draw_curves", spy)
    run = tmp_path / "run"
    keep_curves(run, FULL)
    keep_curves(run, FULL)
    assert drawn == ["run"]
    slower = [{**each, "seconds": 9.0, "train_seconds": 8.0} for each in FULL.history]
    keep_curves(run, replace(FULL, history=slower))  # no time is shown
    assert drawn == ["run"]
    keep_curves(run, replace(FULL, best_epoch=3))
    assert drawn == ["run"] * 2
    keep_curves(run, record(*FULL.history, row(4)))
    (run / CURVES).write_bytes((run / CURVES).read_bytes()[:-3])
    keep_curves(run, record(*FULL.history, row(4)))
    assert drawn == ["run"] * 4
    assert shows(run / CURVES, record(*FULL.history, row(4)))
    assert not shows(run / CURVES, FULL)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device", "x"), r"was not drawn \(the disk is full"),
        (ModuleNotFoundError("No module", name="matplotlib"), "matplotlib is not installed; type"),
        (ValueError("odd"), r"was not drawn \(unexpected ValueError: odd"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(
    error: Exception,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(curves, "draw_curves", fail)
    keep_curves(tmp_path, FULL)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert re.search(told, said.err)


def test_the_digest_that_it_shows_survives_json(tmp_path: Path) -> None:
    """A record is read back from JSON before it is compared."""
    draw_curves(tmp_path / CURVES, "a run", FULL)
    again = [json.loads(json.dumps(each)) for each in FULL.history]
    assert shows(tmp_path / CURVES, replace(FULL, history=again))
