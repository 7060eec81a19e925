"""The routes that show pictures: by number, drawn anew."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from core.records import Image
from core.wording import in_utf8
from pipeline.served.collection import ServedCorpus
from pipeline.served.limits import Limits
from pipeline.served.page_routes import if_changed
from pipeline.served.refused import Refused
from pipeline.served.searches import Number, Row, one
from pipeline.served.shown import EDGES, LARGE, ShownLast
from pipeline.served.spoken import Picture
from pipeline.served.workers import Workers
from pipeline.shown.thumbnails import Unshown, thumbnail

JPEG = "image/jpeg"
Edge = Annotated[
    int, Query(ge=EDGES[0], le=EDGES[1], description="pixels of its longer side, at most")
]


class PictureRoutes:
    """What a picture is, and its pixels."""

    def __init__(self, collections: Sequence[ServedCorpus], decoding: Workers, limits: Limits):
        """``decoding`` are the threads that read pictures."""
        self._collections, self._decoding = collections, decoding
        self._kept = ShownLast(limits.pictures)
        self.router = APIRouter()
        self.router.add_api_route("/api/pictures/{corpus:int}/{row:int}", self.picture)
        self.router.add_api_route(
            "/pictures/{corpus:int}/{row:int}",
            self.pixels,
            response_class=Response,
            responses={200: {"content": {JPEG: {}}}},
        )

    async def picture(self, corpus: Number, row: Row) -> Picture:
        """What is known of a picture."""
        of = one(self._collections, corpus)
        image = of.image(row)
        return Picture(
            picture=row,
            id=in_utf8(image.id),
            path=in_utf8(of.path_of(row)),
            split=in_utf8(image.split),
            labels=[in_utf8(label) for label in image.labels],
            captions=[in_utf8(text) for text in of.captions_of(row)],
        )

    async def pixels(
        self, corpus: Number, row: Row, request: Request, edge: Edge = LARGE
    ) -> Response:
        """A picture as JPEG; none is enlarged."""
        image = one(self._collections, corpus).image(row)
        drawing = partial(self._kept.get, (corpus, row, edge), partial(_drawn, image, edge))
        made = await self._decoding.do(drawing)
        return if_changed(request, made.tag, made.data, JPEG)


def _drawn(image: Image, edge: int) -> bytes:
    """The bytes of a JPEG.

    Raises:
        Refused: 410: the picture cannot be read; 404: it is no picture.
    """
    if image.place is None:
        raise Refused(404, "this is no picture but a vector; its captions say what it is")
    try:
        return thumbnail(image.picture, edge)
    except Unshown as error:
        raise Refused(410, f"the picture is not to be seen: {error}; mend its file") from error
