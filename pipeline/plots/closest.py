"""Right answers against the wrong ones that come closest: two histograms a way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from evaluate.margins import Margins
from evaluate.measured import NAMES
from evaluate.scores.face import Floats
from pipeline.plots.canvas import COLOURS
from pipeline.plots.drawn import Drawn
from pipeline.plots.svg import MIME, paper, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 50
NOTE = (
    "The similarity of each query to its best right answer, and to the wrong answer that is most "
    "like it. The further the right ones lie to the right of the wrong ones, the better; where "
    "both hills are one, the model guesses among its nearest answers."
)

BIASED = (
    " The gallery's bias is in them: they are the scores by which the report ranks, and no cosines."
)


def closest(ways: Mapping[str, Margins], *, biased: bool = False) -> Drawn:
    """A panel a way, of at least one, over one axis of similarities.

    ``biased``: the gallery's bias is in them.
    """
    values = np.concatenate([side for each in ways.values() for side in (each.right, each.wrong)])
    edges = np.histogram_bin_edges(values, BARS)
    with paper(height=1.0 + 1.7 * len(ways)) as drawn:
        cells = drawn.subplots(len(ways), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (way, each) in zip(cells, ways.items(), strict=True):
            _panel(axes, f"{NAMES[way]}: the right one is closest in {each.won:.1f} %", each, edges)
        cells[0].legend(loc="best")
        cells[-1].set_xlabel("similarity")
        drawn.subplots_adjust(top=0.93, bottom=0.11, hspace=0.3)
        return Drawn(
            "closest",
            "Right answers and the closest wrong ones",
            _alt(ways),
            svg(drawn),
            MIME,
            NOTE + (BIASED if biased else ""),
        )


def _panel(axes: "Axes", title: str, each: Margins, edges: Floats) -> None:
    axes.set_title(title, loc="left", fontsize=9)
    axes.set_ylabel("queries")
    sides = {"best right answer": each.right, "closest wrong answer": each.wrong}
    for (label, side), colour in zip(sides.items(), COLOURS, strict=False):
        heights, _ = np.histogram(side, edges)
        axes.stairs(heights, edges, fill=True, alpha=0.25, color=colour)
        axes.stairs(heights, edges, color=colour, linewidth=1.4, label=label)


def _alt(ways: Mapping[str, Margins]) -> str:
    told = [
        f"{NAMES[way]}: right {each.right.mean():.3f}, closest wrong {each.wrong.mean():.3f} in "
        f"the mean, and the right one wins in {each.won:.1f} percent"
        for way, each in ways.items()
    ]
    return f"Histograms of similarities; {'; '.join(told)}."
