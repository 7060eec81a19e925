"""What is taken for one another: pictures that answer for each other, and the nearest misses."""

from collections.abc import Sequence

import numpy as np

from core.errors import InputError
from core.wording import counted
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.cards import Answer, card, quoted
from pipeline.shown.report.given import Given
from pipeline.shown.report.shelf import Shelf
from pipeline.shown.report.ways import LABELS

PAIRS, NEAREST = 4, 6
SAID = 2
"""Captions of each of two pictures that are shown."""
MUTUAL = (
    "Two pictures of which captions of each find the other one first; those with most such "
    "captions stand first."
)
NEAR = (
    "The captions whose similarity with a wrong picture is highest of all, with that picture and "
    "their own; the numbers are their ranks for this caption among all pictures, and their "
    "similarities."
)


def confused(given: Given, shelf: Shelf) -> Section:
    """Pairs of pictures, then captions with the wrong picture that they are most like.

    Raises:
        InputError: these are no vectors, or none of captions that belong to pictures; there are
            too many similarities (``Given.hardest``); or right is what shares a label.
    """
    from evaluate.confused import Confused
    from evaluate.firsts import firsts
    from evaluate.standing import CAPTIONS
    from evaluate.way import Way

    if given.report["protocol_name"] == LABELS:
        raise InputError("by labels a picture that answers for another one may well be right")
    scores = given.scores
    sides, way = scores.sides, Way(scores, CAPTIONS)
    pictures, captions = sides.image_id, sides.caption_id
    found = Confused.of(scores, given.hardest)

    def side(picture: int, asking: Sequence[int]) -> Html:
        told = [quoted(shelf.caption(str(captions[caption]))) for caption in asking[:SAID]]
        many = f"{counted(len(asking), 'caption')} of this one first finds the other:"
        items = [tag("li", each) for each in told]
        below = tag("div", tag("p", many, class_="soft"), tag("ul", *items))
        return tag("div", shelf.picture(str(pictures[picture])), below, class_="asked")

    def answer(picture: int, caption: int, *, right: bool) -> Answer:
        only = np.arange(len(pictures)) == picture
        told = firsts(way, caption, only, 1)
        shown = shelf.picture(str(pictures[picture]))
        return Answer(shown, told.rank, told.best_score, right)

    mutual = [
        tag("article", side(pair.one, pair.of_one), side(pair.two, pair.of_two), class_="card two")
        for pair in found.pairs(PAIRS)
    ]
    near = [
        _miss(
            quoted(shelf.caption(str(captions[row]))),
            answer(int(found.picture[row]), row, right=False),
            answer(int(found.owner[row]), row, right=True),
        )
        for row in found.nearest(NEAREST)
    ]
    none = [tag("p", "No two pictures answer for one another.")]
    body = join(
        *(tag("h3", "Taken for one another"), tag("p", MUTUAL), *(mutual or none)),
        *(tag("h3", "Most alike, and wrong"), tag("p", NEAR), tag("div", *near, class_="two")),
    )
    return Section("confused", "Most confused", body)


def _miss(said: Html, wrong: Answer, own: Answer) -> Html:
    """The picture that is not the caption's own, and its own one; the nearer one first."""
    told = "nearer to the wrong one" if wrong.rank < own.rank else "nearer to its own"
    return card(said, told, sorted([wrong, own], key=lambda each: each.rank), pictures=True)
