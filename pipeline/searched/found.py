"""What a search answers."""

from dataclasses import dataclass
from typing import Any

from core.wording import in_utf8


@dataclass(frozen=True, slots=True)
class Result:
    """A picture, or a caption, that was found.

    ``rank`` counts from 1; ``row`` is the picture's row in the collection's corpus; ``id`` is the
    picture's, or where captions were asked for the caption's; ``path`` says where the picture lies,
    for a person, and is empty where there is none; ``score`` is the model's similarity, the higher
    the more alike; ``captions`` are all of the picture, or the one that was found.
    """

    rank: int
    row: int
    id: str
    path: str
    score: float
    captions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As programs read it, in UTF-8; the row is known to this process alone."""
        return {
            "rank": self.rank,
            "id": in_utf8(self.id),
            "path": in_utf8(self.path),
            "score": self.score,
            "captions": [in_utf8(text) for text in self.captions],
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one query: its words as typed, or what it was a picture of.

    ``unknown`` are the words of the query that the run does not know, in their order, each once;
    ``results`` begin with the best, fewer than were asked for where the collection has no more.
    """

    query: str
    unknown: tuple[str, ...]
    results: tuple[Result, ...]

    def to_json(self) -> dict[str, Any]:
        """As ``search --json`` and ``/api/search`` give it."""
        results = [result.to_json() for result in self.results]
        unknown = [in_utf8(word) for word in self.unknown]
        return {"query": in_utf8(self.query), "unknown": unknown, "results": results}
