"""The five panels of a run with classes, as one PNG and as a figure of a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from evaluate.hits import Ints
from evaluate.scores.face import Floats
from pipeline.mapped.five import Five
from pipeline.plots.canvas import STYLE, figure, save
from pipeline.plots.class_looks import MARKS, legend, rows, scattered
from pipeline.plots.drawn import Drawn
from pipeline.plots.svg import MIME, paper, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FREE = 0.04
"""Of the width: so much room is left around the points."""
NOTE = (
    "Colours are classes, circles images and triangles texts. Above what the run reads, each side "
    "placed by itself; below what it learned: both sides are placed together, so that the panels "
    "c, d and e are one map. When it goes well a class is one group in e, of circles and "
    "triangles; groups of one kind of marker are a modality gap. "
)
OF = {
    "tsne": "Of t-SNE neighbours mean something; distances between groups and their sizes do not.",
    "pca": "With a small share of the variance the plane shows little of the space.",
}
PAGE: Any = [["a", "b"], ["c", "d"], ["e", "e"], ["key", "key"]]
"""Two panels beside one another, as many as a phone shows, and the one of both as wide as they."""
COLUMNS, A_NAME = 3, 0.22  # of the legend of a page; inches of a name
PLAIN: Any = STYLE | {"text.parse_math": False, "axes.grid": False}


class Group(NamedTuple):
    """Points of one side: its marker, their places (N, 2), and their classes (N,)."""

    mark: str
    places: Floats
    number: Ints


class Panel(NamedTuple):
    """Its title, what to say below, all places that it has room for (M, 2), and its points."""

    title: str
    told: str
    room: Floats
    groups: Sequence[Group]


def panels(five: Five) -> list[Panel]:
    """(a) and (b) the original images and texts, (c) and (d) the learned, (e) both."""
    many, number, (both, below) = five.sizes[0], five.classes.number, five.both
    numbers, marks = (number[:many], number[many:]), MARKS.values()
    read = [
        Group(mark, side.places, each)
        for mark, side, each in zip(marks, (five.image, five.text), numbers, strict=True)
    ]
    learned = [
        Group(mark, side, each)
        for mark, side, each in zip(marks, (both[:many], both[many:]), numbers, strict=True)
    ]
    return [
        Panel(f"(a) {five.read[0]}", five.image.told, five.image.places, read[:1]),
        Panel(f"(b) {five.read[1]}", five.text.told, five.text.places, read[1:]),
        Panel("(c) images, learned", below, both, learned[:1]),
        Panel("(d) texts, learned", below, both, learned[1:]),
        Panel("(e) both, learned", below, both, learned),
    ]


def draw_five(file: Path, title: str, five: Five) -> None:
    """Write the PNG, three panels beside one another.

    Raises:
        OSError: ``file`` cannot be written.
    """
    with figure(11.5, 8.0, style=PLAIN) as drawn:
        drawn.suptitle(f"{title}\n{five.told()}", fontsize=11)
        a, b, key, c, d, e = drawn.subplots(2, 3).flat
        _fill([a, b, c, d, e], five, size=16)
        legend(key, five.classes, 30, columns=2)
        save(drawn, file)


def five_panels(five: Five) -> Drawn:
    """For a page."""
    heights = [2.1, 2.1, 2.6, 0.1 + A_NAME * rows(five.classes, COLUMNS)]
    with paper(height=sum(heights) + 1.6) as drawn:
        cells = drawn.subplot_mosaic(PAGE, height_ratios=heights)
        _fill([cells[name] for name in "abcde"], five, size=7)
        legend(cells["key"], five.classes, 16, COLUMNS)
        drawn.subplots_adjust(
            left=0.03, right=0.97, top=0.97, bottom=0.01, hspace=0.26, wspace=0.06
        )
        many = f"{len(five.classes.names) + five.classes.others} classes"
        alt = f"Five maps of {five.told()}, coloured by {many}: both sides as read, and as learned."
        return Drawn(
            "classes", "Classes, before and after", alt, svg(drawn), MIME, NOTE + OF[five.by]
        )


def _fill(cells: Sequence["Axes"], five: Five, *, size: float) -> None:
    for axes, panel in zip(cells, panels(five), strict=True):
        for group in panel.groups:
            scattered(axes, group.places, group.number, group.mark, size)
        _frame(axes, panel)


def _frame(axes: "Axes", panel: Panel) -> None:
    low, high = panel.room.min(axis=0), panel.room.max(axis=0)
    room = np.maximum(high - low, 1e-9) * FREE
    axes.set_xlim(low[0] - room[0], high[0] + room[0])
    axes.set_ylim(low[1] - room[1], high[1] + room[1])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(True)
    axes.set_title(panel.title, loc="left", fontsize="medium")
    axes.set_xlabel(panel.told, fontsize="small")
