"""A query and its answers: right ones with one frame and sign, wrong ones with another."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.shown.markup import Html, join, tag

SIGNS = {True: "✓", False: "✗"}
WORDS = {True: "right", False: "wrong"}


@dataclass(frozen=True, slots=True)
class Answer:
    """``shown`` is a picture or a sentence; ``rank`` from 1."""

    shown: Html
    rank: int
    score: float
    right: bool


def card(query: Html, told: str, answers: Sequence[Answer], *, pictures: bool) -> Html:
    """A query, what is told of it, and its answers in their order.

    Args:
        query: a picture, or a sentence.
        told: in a line.
        answers: at least one.
        pictures: whether the answers are pictures, which stand beside one another.
    """
    kind, beside = ("pictures", "card") if pictures else ("sentences", "card beside")
    listed = tag("ol", *map(_answer, answers), class_=f"answers {kind}")
    asked = tag("div", query, tag("p", told, class_="soft"), class_="asked")
    return tag("article", asked, listed, class_=beside)


def quoted(sentence: str) -> Html:
    """A caption, in whichever direction its language is written."""
    return tag("q", sentence, dir="auto")


def _answer(each: Answer) -> Html:
    word = WORDS[each.right]
    sign = tag("b", SIGNS[each.right], class_="sign", role="img", aria_label=word)
    told = tag("span", sign, f" {each.rank:,}. ", tag("small", f"{each.score:.3f}"))
    return tag("li", each.shown, join(told), class_=word)
