"""Galleries: what was found and what was missed, each way, with the first five answers of each."""

from collections.abc import Iterator
from functools import cached_property

from core.wording import counted
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.cards import Answer, card, quoted
from pipeline.shown.report.examples import Examples
from pipeline.shown.report.given import Given
from pipeline.shown.report.shelf import Shelf
from pipeline.shown.report.ways import Shown, ways

FIRST = 5
NONE = {"found": "No query found a right answer first.", "missed": "Every query found one first."}


def galleries(given: Given, shelf: Shelf) -> Iterator[Section]:
    """Two sections.

    Raises:
        InputError: as ``pipeline.shown.report.ways``; or no ranks were kept.
    """
    sides = [_Side(given, shelf, shown) for shown in ways(given)]
    for key, title in (("found", "Found"), ("missed", "Missed")):
        parts = [
            join(tag("h3", side.title), *side.cards(key) or [tag("p", NONE[key])]) for side in sides
        ]
        yield Section(key, title, join(*parts))


class _Side:
    """One way of asking."""

    def __init__(self, given: Given, shelf: Shelf, shown: Shown):
        self._shown, self._shelf = shown, shelf
        self._queries = given.queries[shown.name]
        self._way = shown.way
        self._ids = self._way.scores.sides.image_id, self._way.scores.sides.caption_id
        self._asks, self._answers = shown.sides

    @property
    def title(self) -> str:
        return f"A {self._asks} asks, {self._answers}s answer"

    def cards(self, key: str) -> list[Html]:
        """Those of the queries that were found, or missed."""
        rows = {"found": self._chosen.found, "missed": self._chosen.missed}[key]
        return [self._card(str(self._queries.id[row])) for row in rows.tolist()]

    @cached_property
    def _row(self) -> dict[str, int]:
        """Of each id its row among those who could ask."""
        return {str(id): row for row, id in enumerate(self._way.asking)}

    @cached_property
    def _chosen(self) -> Examples:
        sides = self._way.scores.sides
        toss = (sides.image_toss, sides.caption_toss)[self._way.asks]
        return Examples.of(self._queries, toss[[self._row[str(i)] for i in self._queries.id]])

    def _card(self, id: str) -> Html:
        from evaluate.firsts import firsts

        row = self._row[id]
        right = self._shown.right(row)
        first = firsts(self._way, row, right, FIRST)
        answers = [
            self._answer(int(candidate), place, float(score), right=bool(right[candidate]))
            for place, (candidate, score) in enumerate(zip(first.row, first.score, strict=True), 1)
        ]
        if not any(answer.right for answer in answers):
            answers.append(self._answer(first.best, first.rank, first.best_score, right=True))
        many = counted(self._way.gallery, "candidate")
        told = f"{id}: the first right answer is at rank {first.rank:,} of {many}"
        asked = self._of(self._asks, id)
        return card(asked, told, answers, pictures=self._answers == "picture")

    def _answer(self, candidate: int, rank: int, score: float, *, right: bool) -> Answer:
        id = str(self._ids[1 - self._way.asks][candidate])
        return Answer(self._of(self._answers, id), rank, score, right)

    def _of(self, side: str, id: str) -> Html:
        return self._shelf.picture(id) if side == "picture" else quoted(self._shelf.caption(id))
