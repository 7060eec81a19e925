"""Drawn figures in a page: beside one another where there is room."""

from collections.abc import Sequence

from pipeline.plots.drawn import Drawn
from pipeline.shown.figure import figure
from pipeline.shown.markup import Html, join, tag


def drawings(found: Sequence[Drawn]) -> Html:
    """Each with its title above, and below it what is to be seen and how to read it.

    On a phone the numbers on a figure are small, so that they are said, too.
    """
    return tag("div", *map(_shown, found), class_="drawn")


def _shown(each: Drawn) -> Html:
    below = join(tag("p", each.alt), tag("p", each.note))
    drawn = figure(each.data, each.mime, alt=each.alt, caption=below)
    return tag("div", tag("h3", each.title), drawn, id=each.id)
