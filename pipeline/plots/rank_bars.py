"""Where the right answers stand: a bar a span of ranks."""

from collections.abc import Sequence

import numpy as np

from pipeline.plots.canvas import COLOURS
from pipeline.plots.drawn import Drawn
from pipeline.plots.ranked import Ranked, bins, shares
from pipeline.plots.svg import MIME, paper, svg

WHOLE = 0.8
"""How much of its place all bars of a span take."""
NOTE = (
    "How many queries have their best right answer at these ranks. High bars on the left are good; "
    "a second hill on the right are queries that the model does not understand at all."
)


def rank_bars(ways: Sequence[Ranked]) -> Drawn:
    """A bar a way and span of ranks, of at least one way."""
    spans = bins(max(way.gallery for way in ways))
    places, width = np.arange(len(spans)), WHOLE / len(ways)
    with paper() as drawn:
        axes = drawn.add_subplot()
        for number, way in enumerate(ways):
            at = places + width * (number - (len(ways) - 1) / 2)
            heights = shares(way.best, spans)
            axes.bar(at, heights, width, color=COLOURS[number], label=way.name)
        axes.set_xticks(places, [_span(*each) for each in spans], rotation=45, ha="right")
        axes.grid(visible=False, axis="x")
        axes.set_ylabel("queries, in percent")
        axes.set_xlabel("rank of the best right answer")
        axes.legend(loc="best")
        drawn.subplots_adjust(bottom=0.31)
        return Drawn("ranks", "Ranks of the right answers", _alt(ways), svg(drawn), MIME, NOTE)


def _span(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,}–{last:,}"


def _alt(ways: Sequence[Ranked]) -> str:
    told = [
        f"{way.name}: half of {len(way.best):,} queries at rank {np.median(way.best):g} or before, "
        f"nine of ten at {np.percentile(way.best, 90):,.0f}"
        for way in ways
    ]
    return f"Histogram of ranks; {'; '.join(told)}."
