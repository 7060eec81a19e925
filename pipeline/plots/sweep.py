"""A sweep as a picture: a point a seed, the configurations sorted by their means."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.plots.canvas import GREY, figure, look, plain, save
from pipeline.sweeps.choice import Chosen
from pipeline.sweeps.labels import labels
from pipeline.sweeps.rows import SCORE, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PNG = "sweep.png"
MOST = 40
"""So many are drawn, the chosen and the best: of more nobody could read the names."""
WIDTH, A_LETTER, A_ROW, FRAME = 5.0, 0.075, 0.26, 1.3  # inches
LONGEST = 90
BELOW = "score: a point a seed, the line their mean, * chosen"


def draw_sweep(file: Path, title: str, rows: Sequence[Row], chosen: Sequence[Chosen]) -> None:
    """Write the picture of the rows that have a run; where none has, there is none.

    Raises:
        OSError: ``file`` cannot be written.
    """
    told = zip(rows, labels([row.configuration for row in rows]), strict=True)
    with_runs = [(row, label) for row, label in told if row.runs]
    best = [each.row for each in chosen]
    first = sorted(with_runs, key=lambda each: (each[0] not in best, -each[0].score))[:MOST]
    shown = sorted(first, key=lambda each: -each[0].score)
    if not shown:
        return
    recipes = list(dict.fromkeys(row.configuration.name for row, _ in shown))
    names = [f"{label[:LONGEST]}{' *' if row in best else ''}" for row, label in shown]
    width = WIDTH + A_LETTER * max(map(len, names))
    with figure(width, FRAME + A_ROW * len(shown)) as drawn:
        axes = drawn.add_subplot()
        for place, (row, _) in enumerate(shown):
            _row(axes, place, row, recipes.index(row.configuration.name), chosen=row in best)
        axes.set_yticks(range(len(shown)), names)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        cut = f", {MOST} of {len(with_runs)}" if len(with_runs) > MOST else ""
        plain(axes, f"{title}: validation{cut}", BELOW)
        save(drawn, file)


def _row(axes: "Axes", place: int, row: Row, number: int, *, chosen: bool) -> None:
    scores = [each.scores[SCORE] for each in row.runs]
    if chosen:
        axes.axhspan(place - 0.5, place + 0.5, color="#f0f0f0", zorder=0)
    axes.plot(
        [row.score, row.score], [place - 0.32, place + 0.32], color=GREY, linewidth=1.4, zorder=2
    )
    apart = min(0.12, 0.5 / len(scores))
    places = [place + apart * (n - (len(scores) - 1) / 2) for n in range(len(scores))]
    axes.plot(scores, places, linestyle="none", markersize=5.5, zorder=3, **look(number))
