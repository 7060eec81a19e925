"""What was found, as a page in one file."""

from collections.abc import Sequence
from pathlib import Path

from core.records import Corpus, Image
from pipeline.searched.asks import Ask
from pipeline.searched.found import Found, Result
from pipeline.searched.page_file import mark
from pipeline.shown.document import Section, document
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.thumbnails import Thumbnails, decoding

EDGE = 224
"""Pixels of a picture: twice as many as it is wide on a page, for screens that have them."""

UNKNOWN = "Not known to the run, which takes each for its one unknown word"


def page(run: Path, corpus: Corpus, answers: Sequence[tuple[Ask, Found]], searched: str) -> str:
    """A section a query: the pictures that were found, with scores and captions.

    Args:
        run: that was asked.
        corpus: that was searched.
        answers: each query, and what was found.
        searched: how much of it, in words (``RunSearcher.size``).
    """
    pictures = Thumbnails(edge=EDGE)
    with decoding():
        sections = [
            Section(f"query-{number}", found.query, _body(ask, found, corpus, pictures))
            for number, (ask, found) in enumerate(answers, start=1)
        ]
    lead = tag("p", f"{run.resolve().name} searched {searched} of {corpus.name}", class_="soft")
    return document(f"Search of {corpus.name}", sections, lead=lead, head=[mark()])


def _body(ask: Ask, found: Found, corpus: Corpus, pictures: Thumbnails) -> Html:
    asked = Image(found.query, ask.path, "") if ask.path else None
    unknown = f"{UNKNOWN}: {', '.join(found.unknown)}" if found.unknown else ""
    above = [
        *([pictures.of(asked)] if asked else []),
        *([tag("p", unknown)] if unknown else []),
        *([] if found.results else [tag("p", "Nothing was found.")]),
    ]
    rows = [_result(each, corpus, pictures) for each in found.results]
    return join(*above, tag("ol", *rows, class_="answers"))


def _result(result: Result, corpus: Corpus, pictures: Thumbnails) -> Html:
    captions = [tag("li", each, dir="auto") for each in result.captions]
    told = tag("p", tag("b", f"{result.rank}. "), f"{result.id} ", tag("small", _score(result)))
    beside = tag("div", told, tag("ul", *captions))
    shown = pictures.of(corpus.images[result.row])
    return tag("li", shown, beside, class_="card asked")


def _score(result: Result) -> str:
    return f"{result.score:.3f}"
