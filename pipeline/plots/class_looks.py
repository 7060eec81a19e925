"""How classes tell each other apart: seven colours, each full, hollow and pale; and a legend."""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.wording import counted
from pipeline.mapped.classes import NONE, OTHER, Classes
from pipeline.plots.canvas import COLOURS, GREY
from pipeline.plots.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HUES = (*COLOURS[:-1], INK)
"""Those that the colour-blind tell apart; black, which a dark page has none of, is our ink."""
FILLS = (0.85, 0.0, 0.3)
"""How much of a marker is filled: of the first seven classes, the next seven, and the rest."""
EDGE = 0.8  # points
MARKS = {"images": "o", "texts": "^"}
LONGEST = 18
"""Letters of a name in the legend."""
A_COLUMN = 5
"""So many names at least stand in one column."""


def looks(number: int) -> dict[str, Any]:
    """The edge and the filling of a class; of an item without one, or of one without a name."""
    from matplotlib.colors import to_rgba

    colour = HUES[number % len(HUES)] if number >= 0 else GREY
    fill = FILLS[number // len(HUES)] if number >= 0 else 0.0 if number == NONE else FILLS[0]
    return {"edgecolors": to_rgba(colour), "facecolors": to_rgba(colour, fill)}


def scattered(axes: "Axes", places: Any, number: Any, mark: str, size: float) -> None:
    """Draw points (N, 2) of the classes ``number`` (N,) with one marker, in their order."""
    each = [looks(int(n)) for n in number]
    colours: Any = {
        key: np.array([one[key] for one in each]) for key in ("edgecolors", "facecolors")
    }
    # Nothing is cut off, and a page need not say at each point that it might be.
    across, up = places.T
    axes.scatter(across, up, size, marker=mark, linewidths=EDGE, clip_on=False, **colours)


def legend(axes: "Axes", found: Classes, size: float, columns: int) -> None:
    """The marker of each side, then the names of the classes and what stands for the others.

    Names stand in so many ``columns`` where there is more than one full of them.
    """
    axes.set_axis_off()
    ink: Any = {"edgecolors": INK, "facecolors": "none"}
    sides = [
        axes.scatter([], [], s=size, marker=mark, linewidths=EDGE, label=name, **ink)
        for name, mark in MARKS.items()
    ]
    every = [
        axes.scatter([], [], s=size, marker="s", linewidths=EDGE, label=name, **looks(number))
        for number, name in _named(found)
    ]
    close: Any = {"bbox_to_anchor": (0, 1), "handletextpad": 0.2, "columnspacing": 1.0}
    axes.add_artist(axes.legend(handles=sides, loc="lower left", ncols=2, **close))
    beside = -(-len(every) // rows(found, columns))
    axes.legend(handles=every, loc="upper left", ncols=beside, **close)


def rows(found: Classes, columns: int) -> int:
    """How many names stand in the longest of so many columns, or in the only one."""
    many = len(_named(found))
    return max(min(many, A_COLUMN), -(-many // columns))


def _named(found: Classes) -> list[tuple[int, str]]:
    """The number of each entry of the legend, and its name."""
    named = list(enumerate(map(_short, found.names)))
    if found.others:
        named.append((OTHER, counted(found.others, "other class", "other classes")))
    if (found.number == NONE).any():
        named.append((NONE, "no label"))
    return named


def _short(name: str) -> str:
    told = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return f" {told}" if told.startswith("_") else told  # matplotlib hides what begins so
