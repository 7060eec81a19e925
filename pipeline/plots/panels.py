"""The panels of a run's curves: what each is called, and how its lines tell each other apart."""

import re
from typing import TYPE_CHECKING, Any

from pipeline.plots.canvas import COLOURS, GREY, MARKERS
from pipeline.plots.series import Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLES = {
    "loss": "loss",
    "rate": "learning rate, the last step's of each epoch",
    "validation": "recall on the validation, in percent",
    "similarity": "mean similarity on the validation",
}
OF_THE_FIRST = {
    "mean_loss": "loss a pair",
    "loss": "loss, summed over a batch",
    "score": "score of the validation",
}
"""What a panel is called instead where this is its first line."""
LACKS = {"loss": "no loss", "rate": "no learning rate", "similarity": "no similarities"}
STYLES = ("-", "--", ":")
MANY = 30
"""Of up to so many epochs each has a marker."""


def title(name: str, series: Series) -> str:
    """What a panel is called."""
    return OF_THE_FIRST.get(next(iter(series), ""), TITLES[name])


def draw_panel(
    axes: "Axes", name: str, series: Series, best_epoch: int, *, beside: int = 3
) -> None:
    """One panel of ``pipeline.plots.series.panels``; one that is empty says what is not there.

    Its legend has so many names ``beside`` one another.
    """
    epochs_below(axes)
    axes.set_title(title(name, series), loc="left")
    if not series:
        axes.grid(visible=False)
        axes.set_yticks([])
        here = f"{LACKS.get(name, 'nothing')} in the metrics of this run"
        axes.text(0.5, 0.5, here, transform=axes.transAxes, ha="center", color=GREY)
        return
    axes.axvline(best_epoch, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    for number, (label, points) in enumerate(series.items()):
        epochs, values = zip(*points, strict=True)
        axes.plot(epochs, values, label=label, **_look(number, label, len(points)))
    lowest = min(value for points in series.values() for _, value in points)
    if name != "similarity" and lowest >= 0:
        axes.set_ylim(bottom=0)
    if len(series) > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=beside)


def epochs_below(axes: "Axes") -> None:
    """Whole epochs on the horizontal axis, and plain numbers on the other."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter("{x:.4g}")  # a power of ten aside would stand in the title


def _look(number: int, label: str, points: int) -> dict[str, Any]:
    """Recalls have a colour a direction and a line a K; all else a colour each."""
    recall = re.match(r"R@\d+ (\w+)", label)
    colour = ("image", "text").index(recall[1]) if recall else number
    line = number // 2 if recall else 0
    marker = MARKERS[number % len(MARKERS)] if points <= MANY else ""
    style = STYLES[line % len(STYLES)]
    return {"color": COLOURS[colour % 7], "linestyle": style, "marker": marker, "markersize": 4}
