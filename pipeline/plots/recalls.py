"""Recall against K, both ways, and what a blind guess would reach."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.plots.blind import Blind
from pipeline.plots.canvas import look
from pipeline.plots.drawn import Drawn
from pipeline.plots.ranked import Ranked, depths, recall_at
from pipeline.plots.svg import MIME, paper, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKED = (1, 5, 10)
NOTE = (
    "The share of queries that have a right answer among the first K. Dotted: a blind guess. The "
    "higher on the left the better; all curves end at 100 %, where K is the whole gallery."
)


def recalls(ways: Sequence[Ranked], chance: Mapping[str, Blind]) -> Drawn:
    """A curve a way, of at least one, and what a blind guess reaches in each."""
    with paper() as drawn:
        axes = drawn.add_subplot()
        for number, way in enumerate(ways):
            _curve(axes, number, way, chance[way.way])
        _scale(axes, max(way.gallery for way in ways))
        axes.set_xlabel("K")
        axes.set_ylabel("recall at K, in percent")
        axes.legend(loc="best")
        return Drawn("recall", "Recall against K", _alt(ways), svg(drawn), MIME, NOTE)


def _curve(axes: "Axes", number: int, way: Ranked, chance: Blind) -> None:
    among, looks = depths(way.gallery), look(number)
    marker, colour = looks["marker"], looks["color"]
    axes.plot(among, recall_at(way.best, among), color=colour)
    marked = among[[k in MARKED for k in among.tolist()]]
    axes.plot(marked, recall_at(way.best, marked), marker, color=colour, markersize=4.5)
    axes.plot([], [], marker=marker, color=colour, markersize=4.5, label=way.name)
    axes.plot(chance.among, chance.recall, ":", color=colour, linewidth=1.2)


def _scale(axes: "Axes", gallery: int) -> None:
    """A power of ten a tick; matplotlib's own texts of them are formulas."""
    axes.set_xscale("log")
    axes.set_xlim(0.9, max(gallery, 2) * 1.1)
    axes.set_ylim(0, 102)
    ticks = [k for power in range(9) for k in (10**power, 5 * 10**power) if k <= gallery]
    kept = ticks if len(ticks) <= 6 else [k for k in ticks if str(k)[0] == "1"]
    axes.set_xticks(kept, [f"{k:,}" for k in kept])
    axes.set_xticks([], minor=True)


def _alt(ways: Sequence[Ranked]) -> str:
    told = []
    for way in ways:
        among = np.array([k for k in MARKED if k <= way.gallery])
        values = zip(recall_at(way.best, among), among, strict=True)
        told.append(f"{way.name} {', '.join(f'{value:.1f} at {k}' for value, k in values)}")
    return f"Recall in percent against K: {'; '.join(told)}."
