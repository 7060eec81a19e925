"""Many points of a plane in few bytes: each a line of no length, that ends round or square."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from evaluate.scores.face import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Cap = Literal["round", "projecting"]
SIZE = 3.6  # points


def dots(axes: "Axes", places: Floats, colour: str, cap: Cap) -> None:
    """Draw points (N, 2) within the limits that the axes are given."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not len(places):
        return
    codes = np.tile([Path.MOVETO, Path.LINETO], len(places))
    path = Path(np.repeat(places, 2, axis=0), codes)
    path.should_simplify = False  # lines of no length would be gone
    patch = PathPatch(path, fill=False, edgecolor=colour, linewidth=SIZE, capstyle=cap, alpha=0.75)
    axes.add_patch(patch)
