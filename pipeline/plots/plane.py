"""Pictures and captions as points of a plane."""

import numpy as np

from evaluate.hits import Ints
from evaluate.right import Bools
from evaluate.scores.face import Floats
from pipeline.mapped.sampled import Sampled
from pipeline.plots.canvas import COLOURS, GREY
from pipeline.plots.dots import Cap, dots
from pipeline.plots.svg import INK, paper, svg

FREE = 0.05
"""Of the width: so much room is left around the points."""
HEIGHT = 4.2  # inches
SIDES = ("pictures", "captions")
CAPS: tuple[Cap, Cap] = ("round", "projecting")
COLOURED = 6
"""So many labels have a colour of their own."""
BY_LABEL = (
    f" Colours are the {COLOURED} labels that most of these points have; who has several shows the "
    "most frequent, and who has none of them is grey."
)


def kinds(label: Bools | None) -> Ints:
    """Of each point which of the most frequent labels it has, from 0: (N,) int64.

    ``COLOURED`` where it has none of those; 0 everywhere without labels.

    Example:
        >>> kinds(np.array([[0, 0, 1], [1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0]]) > 0).tolist()
        [0, 0, 1, 0, 6]
    """
    if label is None:
        return np.zeros(1, dtype=np.int64)
    most = np.argsort(-label.sum(axis=0), kind="stable")[:COLOURED]
    has = label[:, most]
    found: Ints = np.where(has.any(axis=1), has.argmax(axis=1), COLOURED)
    return found


def coloured(sample: Sampled) -> str:
    """What the colours are, where they are labels."""
    return BY_LABEL if sample.label is not None else ""


def plane(sample: Sampled, places: Floats, axes_told: tuple[str, str] | None) -> bytes:
    """An SVG of (K + L, 2) places, pictures first; axes without a meaning have no numbers."""
    many = len(sample.image)
    with paper(height=HEIGHT) as drawn:
        axes = drawn.add_subplot()
        kind = np.broadcast_to(kinds(sample.label), len(places))
        for number in reversed(range(kind.max() + 1)):  # what is most lies above
            for shape, (first, last) in enumerate(((0, many), (many, len(places)))):
                colour = _colour(number, shape, labelled=sample.label is not None)
                dots(axes, places[first:last][kind[first:last] == number], colour, CAPS[shape])
        for shape, name in enumerate(SIDES[: 2 if len(sample.caption) else 1]):
            colour = INK if sample.label is not None else COLOURS[shape]
            axes.plot([], [], "os"[shape], color=colour, markersize=4, label=name)
        low, high = places.min(axis=0), places.max(axis=0)
        room = np.maximum(high - low, 1e-9) * FREE
        axes.set_xlim(low[0] - room[0], high[0] + room[0])
        axes.set_ylim(low[1] - room[1], high[1] + room[1])
        if axes_told:
            axes.set_xlabel(axes_told[0])
            axes.set_ylabel(axes_told[1])
        else:
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        drawn.subplots_adjust(top=0.91, bottom=0.12 if axes_told else 0.04)
        return svg(drawn)


def _colour(number: int, shape: int, *, labelled: bool) -> str:
    if not labelled:
        return COLOURS[shape]
    return COLOURS[number] if number < COLOURED else GREY
