"""What all pictures share: colours that all eyes tell apart, and how a picture becomes a file.

matplotlib is imported where something is drawn, without pyplot: there is no state of the whole
process, and no screen is needed.
"""

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Those of Okabe and Ito (2008), which the colour-blind tell apart."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""One beside each colour, for who sees none."""
GREY = "#666666"
STYLE: Any = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}
DPI = 120
Layout = Literal["constrained"] | None


@contextmanager
def figure(
    width: float, height: float, *, layout: Layout = "constrained", style: Any = STYLE
) -> Iterator["Figure"]:
    """A figure of so many inches in our style, or in another one for the page it stands in."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its own font cache
    from matplotlib import style as styles
    from matplotlib.figure import Figure

    with styles.context(style, after_reset=True):  # whatever a matplotlibrc says
        yield Figure(figsize=(width, height), dpi=DPI, layout=layout)


def save(drawn: "Figure", file: Path, words: Mapping[str, str] | None = None) -> None:
    """Write the figure as PNG with ``words`` in it, whole or not at all.

    The same figure gives the same bytes.
    """
    write_bytes(file, written(drawn, "png", {"Software": None, **(words or {})}))


def written(drawn: "Figure", form: str, metadata: Mapping[str, str | None]) -> bytes:
    """The figure as a file of the format ``form`` with ``metadata`` in it.

    A letter that the font lacks is a box in a PNG, and nothing is said of it: a name of a class may
    be in any script.
    """
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        drawn.savefig(stream, format=form, metadata=metadata)
    return stream.getvalue()


def look(number: int) -> dict[str, Any]:
    """The colour and the marker of the so-many-th thing that is drawn."""
    return {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}


def plain(axes: "Axes", title: str, below: str) -> None:
    """The title of a panel, to the left, and what its horizontal axis is."""
    axes.set_title(title, loc="left")
    axes.set_xlabel(below)
