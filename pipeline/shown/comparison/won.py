"""Which queries each of two answers far better than the other, with their pictures and captions."""

from collections.abc import Mapping, Sequence

from evaluate.measured import NAMES
from evaluate.measures import lower_is_better
from pipeline.compared.called import label
from pipeline.compared.pairs import MOST, Pair
from pipeline.compared.wins import Win, wins
from pipeline.shown.comparison.given import Compared
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.shelf import Shelf

LEAD = (
    "The queries on which two differ most: ranks of the best right answer by their ratio, 1 the "
    "best. Over several seeds they are means."
)
MANY = "Of so many pairs none is shown in single queries; compare two alone."
NONE = "None."


Captions = Mapping[str, Sequence[str]]
"""The sentences of each picture, by its id."""


def won(given: Compared, shelf: Shelf) -> Section:
    """Of few pairs, for each way of asking: where the first is better, and where the other is."""
    if len(given.pairs) > MOST:
        body = tag("p", MANY)
    else:
        captions = _captions(given)
        parts = (_of_pair(pair, given.called, captions, shelf) for pair in given.pairs)
        told = [part for of_pair in parts for part in of_pair]
        body = join(tag("p", LEAD, class_="soft"), *told)
    return Section("won", "Which queries each wins", body)


def _captions(given: Compared) -> Captions:
    found = dict[str, list[str]]()
    if corpus := given.corpus:
        for row, caption in zip(corpus.owner.tolist(), corpus.captions, strict=True):
            found.setdefault(corpus.images[row].id, []).append(caption.text)
    return found


def _of_pair(pair: Pair, called: Sequence[str], captions: Captions, shelf: Shelf) -> list[Html]:
    names = [label(row, called) for row in (pair.first, pair.other)]
    told = []
    for first, other in wins(pair):
        for who, whom, found in ((0, 1, first), (1, 0, other)):
            way = next((NAMES.get(win.way, win.way) for win in found), "")
            if found:
                told += [
                    tag("h3", f"{names[who]} before {names[whom]}: {way}"),
                    *(_card(win, names, captions, shelf) for win in found),
                ]
    return told or [tag("p", NONE)]


def _card(win: Win, names: Sequence[str], captions: Captions, shelf: Shelf) -> Html:
    """Who asks; a caption stands beside its own picture, a picture with its captions."""
    if win.id == win.picture:
        own = [tag("li", tag("q", text, dir="auto")) for text in captions.get(win.id, ())]
        said = tag("ul", *own) if own else tag("p", win.id)
    else:
        said = tag("p", tag("q", shelf.caption(win.id), dir="auto"))
    what = "rank" if win.measure in lower_is_better() else win.measure
    values = [
        f"{name}: {what} {_told(value)}"
        for name, value in zip(names, (win.first, win.other), strict=True)
    ]
    told = tag("p", "; ".join(values), class_="soft")
    return tag(
        "article",
        tag("div", shelf.picture(win.picture), tag("div", said, told), class_="asked"),
        class_="card",
    )


def _told(value: float) -> str:
    """A rank, or a mean of several, or a value in percent."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
