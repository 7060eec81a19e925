"""A sweep as curves: along the one number that tells its rows apart, and only there."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from pipeline.plots import along
from pipeline.plots.along import curves_of, draw_along
from pipeline.sweeps.points import Configuration
from pipeline.sweeps.rows import Row, rows_of
from tests.unit.pipeline.sweep_fakes import made

NOISE = (0.4, 0.0, 0.8)


def rows(recipes: str, **more: Any) -> list[Row]:
    """Two seeds of each recipe with each noise, in tables of their own."""
    taken = []
    for recipe in recipes.split():
        for share in NOISE:
            settings = (("epochs", 60), ("label_noise", share), *more.items())
            each = Configuration(recipe, (Path("f/a"),), settings, f"{recipe} {share}")
            taken += [made(each, seed, 50 - 40 * share + seed) for seed in (0, 2)]
    return rows_of(taken)


def test_a_curve_each_recipe_through_the_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []
    monkeypatch.setattr(along, "save", lambda figure, file: figures.append(figure))
    draw_along(tmp_path / "a.png", "noise", rows("dscmr mrl"))
    (axes,) = figures[0].axes
    curves = [line for line in axes.lines if line.get_linestyle() != "None"]
    assert [line.get_label() for line in curves] == ["dscmr", "mrl"]
    assert list(curves[0].get_xdata()) == sorted(NOISE)
    assert list(curves[0].get_ydata()) == pytest.approx([51, 35, 19])
    points = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert sorted(y for line in points[:3] for y in line.get_ydata()) == pytest.approx(
        [18, 20, 34, 36, 50, 52]
    )
    assert axes.get_xlabel().startswith("label_noise: ")


def test_the_picture_is_written_and_only_where_one_number_tells_the_rows(tmp_path: Path) -> None:
    draw_along(tmp_path / "a.png", "noise", rows("dscmr"))
    assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"
    two = [*rows("a", lr=1), *rows("a", lr=2), *rows("a", lr=3)]
    for others in (two, rows("a")[:2], [*rows("a"), *rows("a")], rows("a b c d e f g h"), []):
        assert curves_of(others) == ("", {})
        draw_along(tmp_path / "b.png", "noise", others)
    assert not (tmp_path / "b.png").exists()
