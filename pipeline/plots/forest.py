"""Differences with their intervals under one another, beside nothing and what could be seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.plots.canvas import COLOURS, GREY
from pipeline.plots.drawn import Drawn
from pipeline.plots.svg import MIME, paper, svg

A_ROW, FRAME, A_LETTER, PLOT = 0.3, 1.0, 0.068, 3.0  # inches
LONGEST = 44
NOTE = (
    "A point is a difference, its line the 95 % interval over other pictures; filled where it is "
    "more than chance (Holm at most 0.05). Grey: differences too small for these pictures to find "
    "four times of five. An interval that holds 0 shows no difference, and one within the grey "
    "does not show either that there is none."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of the plot, as ``pipeline.compared.pairs.Finding`` has it; ``sure`` by Holm's p."""

    label: str
    difference: float
    low: float
    high: float
    smallest: float
    sure: bool


def forest(name: str, title: str, rows: Sequence[Difference], note: str = NOTE) -> Drawn:
    """A row each, of at least one, from the top down; all in one unit."""
    labels = [row.label[:LONGEST] for row in rows]
    left = A_LETTER * max(map(len, labels)) + 0.15
    width, height = left + PLOT, FRAME + A_ROW * len(rows)
    with paper(width, height) as drawn:
        axes = drawn.add_subplot()
        for place, row in enumerate(rows):
            across = [place - 0.5, place + 0.5]
            axes.fill_betweenx(across, -row.smallest, row.smallest, color=GREY, alpha=0.18, lw=0)
            axes.plot([row.low, row.high], [place, place], color=COLOURS[0])
            axes.plot(
                row.difference,
                place,
                "o",
                color=COLOURS[0],
                markersize=6,
                fillstyle="full" if row.sure else "none",
            )
        axes.axvline(0, color=GREY, linewidth=1)
        axes.set_yticks(range(len(rows)), labels)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("difference")
        drawn.subplots_adjust(
            left=left / width, right=1 - 0.1 / width, bottom=0.55 / height, top=1 - 0.1 / height
        )
        told = [
            f"{row.label} {row.difference:+.1f} ({row.low:+.1f} to {row.high:+.1f})" for row in rows
        ]
        return Drawn(name, title, f"Differences: {'; '.join(told)}.", svg(drawn), MIME, note)
