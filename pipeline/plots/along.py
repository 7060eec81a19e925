"""A sweep along the one number that its configurations differ by: a curve each of the others."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.plots.canvas import COLOURS, figure, look, plain, save
from pipeline.sweeps.labels import labels
from pipeline.sweeps.points import Configuration
from pipeline.sweeps.rows import SCORE, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PNG = "sweep-along.png"
FEWEST = 3
"""So many values make a curve."""
SIZE = (6.0, 3.6)  # inches
Curves = dict[Configuration, list[tuple[float, Row]]]


def draw_along(file: Path, title: str, rows: Sequence[Row]) -> None:
    """Write the picture, where one number tells the rows that have a run; else there is none.

    Raises:
        OSError: ``file`` cannot be written.
    """
    key, curves = curves_of([row for row in rows if row.runs])
    if not key:
        return
    with figure(*SIZE) as drawn:
        axes = drawn.add_subplot()
        for number, (name, points) in enumerate(
            zip(labels([*curves]), curves.values(), strict=True)
        ):
            _curve(axes, points, number, name)
        axes.set_ylabel("score of the validation")
        plain(axes, title, f"{key}: a point a seed, the line through their means")
        if len(curves) > 1:
            axes.legend()
        save(drawn, file)


def curves_of(rows: Sequence[Row]) -> tuple[str, Curves]:
    """The setting that the rows differ by, and what else they are -> its values with their rows.

    ("", {}) where several settings have ``FEWEST`` numbers, none has, two rows have one place, or
    there are more curves than colours. The names of a sweep's tables tell nothing apart here.
    """
    values: dict[str, set[float]] = {}
    for row in rows:
        for key, value in row.configuration.settings:
            if isinstance(value, int | float) and not isinstance(value, bool):
                values.setdefault(key, set()).add(value)
    keys = [key for key, each in values.items() if len(each) >= FEWEST]
    if len(keys) != 1 or any(keys[0] not in dict(row.configuration.settings) for row in rows):
        return "", {}
    curves: Curves = {}
    for row in rows:
        own = row.configuration
        others = tuple(each for each in own.settings if each[0] != keys[0])
        bare = Configuration(own.recipe, own.caches, others, features=own.features)
        curves.setdefault(bare, []).append((dict(own.settings)[keys[0]], row))
    once = all(len({value for value, _ in each}) == len(each) for each in curves.values())
    return (keys[0], curves) if once and len(curves) <= len(COLOURS) else ("", {})


def _curve(axes: "Axes", points: list[tuple[float, Row]], number: int, name: str) -> None:
    points = sorted(points, key=lambda each: each[0])
    style = look(number)
    for value, row in points:
        scores = [each.scores[SCORE] for each in row.runs]
        axes.plot([value] * len(scores), scores, linestyle="none", markersize=4.5, **style)
    means = [row.score for _, row in points]
    axes.plot([value for value, _ in points], means, color=style["color"], label=name)
