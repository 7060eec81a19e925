"""The routes that search."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from pipeline.searched.found import Found
from pipeline.served.collection import ServedCorpus
from pipeline.served.limits import Limits
from pipeline.served.refused import Refused
from pipeline.served.spoken import Answer, Asked, Sent, Sentence, answer
from pipeline.served.uploads import BYTES, Uploads
from pipeline.served.workers import Workers

Number = Annotated[int, Path(description="the number of a collection, as /api/about has it")]
Row = Annotated[int, Path(description="the number of a picture, as a search gives it")]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the bytes of the picture's file",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/*", BYTES)
        },
    }
}


class SearchRoutes:
    """Searches by a sentence, by a picture that is sent, and by one that is there."""

    def __init__(
        self,
        collections: Sequence[ServedCorpus],
        searching: Workers,
        encoding: Workers,
        limits: Limits,
    ):
        """``encoding`` are the threads that look at pictures that are sent."""
        self._collections, self._limits = collections, limits
        self._searching, self._encoding = searching, encoding
        self._uploads = Uploads(limits)
        self.router = APIRouter(prefix="/api")
        self.router.add_api_route("/search", self.by_text)
        self.router.add_api_route("/search", self.by_picture, methods=["POST"], openapi_extra=_BODY)
        self.router.add_api_route("/pictures/{corpus:int}/{row:int}/neighbours", self.neighbours)

    async def by_text(self, asked: Annotated[Sentence, Query()]) -> Answer:
        """The nearest to a sentence."""
        if len(asked.q) > self._limits.query:
            raise Refused(413, self._limits.too_long)
        of = one(self._collections, asked.corpus)
        find, splits = asked.find, of.among(asked.split)
        search = partial(of.searcher.by_text, asked.q, asked.k, find=find, splits=splits)
        return await self._searching.do(partial(_timed, of, search))

    async def by_picture(self, asked: Annotated[Sent, Query()], request: Request) -> Answer:
        """The nearest to a picture, which is sent as the body."""
        of = one(self._collections, asked.corpus)
        find, splits, name = asked.find, of.among(asked.split), asked.name
        async with self._uploads.body(request) as data:
            search = partial(
                of.searcher.by_picture, data, asked.k, name=name, find=find, splits=splits
            )
            return await self._encoding.do(partial(_timed, of, search))

    async def neighbours(
        self, corpus: Number, row: Row, asked: Annotated[Asked, Query()]
    ) -> Answer:
        """The nearest to a picture of a collection, itself left out."""
        of = one(self._collections, corpus)
        of.image(row)
        find, splits = asked.find, of.among(asked.split)
        search = partial(of.searcher.by_row, row, asked.k, find=find, splits=splits)
        return await self._searching.do(partial(_timed, of, search))


def one(collections: Sequence[ServedCorpus], number: int) -> ServedCorpus:
    """The collection of a number.

    Raises:
        Refused: 404: there is none.
    """
    if number >= len(collections):
        raise Refused(
            404, f"there is no collection {number}; /api/about lists those that there are"
        )
    return collections[number]


def _timed(of: ServedCorpus, search: Callable[[], Found]) -> Answer:
    began = time.perf_counter()
    found = search()
    seconds = time.perf_counter() - began
    return answer(found, seconds, [of.path_of(each.row) for each in found.results])
