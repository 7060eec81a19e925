"""How good single queries are, where a report is of precisions: a histogram of their values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from evaluate.measured import NAMES
from evaluate.queries import Queries
from pipeline.plots.canvas import COLOURS
from pipeline.plots.drawn import Drawn
from pipeline.plots.svg import MIME, paper, svg

PRECISIONS = {"map": "average precision", "map_r": "average precision at R"}
"""The values that a report is of, and what they are called."""
BARS = 20
NOTE = (
    "How many queries have which precision. The more of them on the right the better; a hill at 0 "
    "are queries whose right answers are all far behind."
)


def single(report: Mapping[str, Any], queries: Sequence[Queries]) -> Iterator[Drawn]:
    """A figure with a line a way, of a report that is of precisions; else none."""
    found = [(key, told) for key, told in PRECISIONS.items() if key in report]
    ways = [each for each in queries if each.way in NAMES and found and found[0][0] in each.values]
    if not ways:
        return
    (key, told), edges = found[0], np.linspace(0, 100, BARS + 1)
    with paper() as drawn:
        axes = drawn.add_subplot()
        for number, each in enumerate(ways):
            heights, _ = np.histogram(each.values[key], edges)
            share = 100 * heights / len(each.id)
            axes.stairs(share, edges, color=COLOURS[number], linewidth=1.6, label=NAMES[each.way])
        axes.set_ylim(bottom=0)
        axes.set_xlabel(f"{told} of a query, in percent")
        axes.set_ylabel("queries, in percent")
        axes.legend(loc="best")
        means = [f"{NAMES[each.way]} {each.values[key].mean():.1f}" for each in ways]
        alt = f"Histogram of the {told} of single queries; means in percent: {', '.join(means)}."
        yield Drawn(
            "precision", f"{told.capitalize()} of single queries", alt, svg(drawn), MIME, NOTE
        )
