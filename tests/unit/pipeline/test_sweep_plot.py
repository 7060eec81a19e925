"""The picture of a sweep: a point a seed, the rows in their order, the chosen ones always there."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipeline.plots import sweep
from pipeline.plots.sweep import MOST, draw_sweep
from pipeline.sweeps.choice import chosen_of
from pipeline.sweeps.points import Configuration, Point
from pipeline.sweeps.rows import Row, rows_of
from pipeline.sweeps.taken import Taken
from tests.unit.pipeline.sweep_fakes import made


def configuration(recipe: str, lr: float) -> Configuration:
    return Configuration(recipe, (Path("f/a"),), (("lr", lr),))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are saved."""
    figures: list[Figure] = []
    real = sweep.save

    def spy(figure: Figure, file: Path) -> None:
        figures.append(figure)
        real(figure, file)

    monkeypatch.setattr(sweep, "save", spy)
    return figures


def rows(many: int) -> list[Row]:
    """So many bags of which the last is best, and one GRU that is worst."""
    taken = [
        made(configuration("bag", lr), seed, lr + 2 * seed) for lr in range(many) for seed in (0, 1)
    ]
    return rows_of(
        [*taken, made(configuration("gru", 1), 0, -5.0), made(configuration("gru", 2), 0, -9.0)]
    )


def test_each_seed_is_a_point_and_each_mean_a_line(tmp_path: Path, drawn: list[Figure]) -> None:
    given = rows(3)
    draw_sweep(tmp_path / "a.png", "mine", given, chosen_of(given, "recipe"))
    (axes,) = drawn[0].axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        *("bag lr=2 *", "bag lr=1", "bag lr=0", "gru lr=1 *", "gru lr=2")
    ]
    points = [list(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "None"]
    means = [set(line.get_xdata()) for line in axes.lines if line.get_linestyle() != "None"]
    assert points == [[2, 4], [1, 3], [0, 2], [-5], [-9]]
    assert means == [{3}, {2}, {1}, {-5}, {-9}]
    places = [list(line.get_ydata()) for line in axes.lines if line.get_linestyle() == "None"]
    assert all(abs(y - row) < 0.3 for row, ys in enumerate(places) for y in ys)
    assert len(set(places[0])) == 2  # two seeds of one score would be one point else
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size[0] > 400


def test_of_very_many_the_best_are_drawn_and_always_what_was_chosen(
    tmp_path: Path, drawn: list[Figure]
) -> None:
    given = rows(MOST + 10)
    draw_sweep(tmp_path / "a.png", "mine", given, chosen_of(given, "recipe"))
    (axes,) = drawn[0].axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(names) == MOST
    assert names[0] == f"bag lr={MOST + 9} *"
    assert names[-1] == "gru lr=1 *"
    assert axes.get_title(loc="left") == f"mine: validation, {MOST} of {MOST + 12}"


def test_where_nothing_was_trained_there_is_no_picture(tmp_path: Path) -> None:
    failed = rows_of([Taken(Point(configuration("bag", 1), 0), failed="no")])
    draw_sweep(tmp_path / "a.png", "mine", failed, [])
    assert not (tmp_path / "a.png").exists()
