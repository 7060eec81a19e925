"""The page itself, and what it says of the server."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from core.wording import in_utf8
from pipeline.served.collection import ServedCorpus
from pipeline.served.limits import Limits
from pipeline.served.page_files import INDEX, PageFile, page_file
from pipeline.served.spoken import MOST, About

Name = Annotated[str, Path(description="the name of a file of the page")]


class PageRoutes:
    """``/``, the page's files, and what is served."""

    def __init__(
        self,
        run: str,
        collections: Sequence[ServedCorpus],
        page: dict[str, PageFile],
        limits: Limits,
    ):
        """``page`` are its files, by their names."""
        self._page = page
        self._about = About(
            run=in_utf8(run),
            collections=[
                About.Of(
                    number=number,
                    name=in_utf8(each.name),
                    pictures=sum(each.sizes.values()),
                    captions=each.captions,
                    splits={in_utf8(split): many for split, many in each.sizes.items()},
                    some=each.some,
                )
                for number, each in enumerate(collections)
            ],
            most=MOST,
            longest=limits.query,
            too_long=limits.too_long,
        )
        self.router = APIRouter()
        self.router.add_api_route("/", self.index, response_class=Response)
        self.router.add_api_route("/static/{name}", self.static, response_class=Response)
        self.router.add_api_route("/api/about", self.about)

    async def index(self, request: Request) -> Response:
        """The page."""
        return _file(page_file(self._page, INDEX), request)

    async def static(self, name: Name, request: Request) -> Response:
        """A file of the page."""
        return _file(page_file(self._page, name), request)

    async def about(self) -> About:
        """The run, its collections, the largest ``k`` and the longest sentence."""
        return self._about


def _file(file: PageFile, request: Request) -> Response:
    return if_changed(request, file.tag, file.data, file.kind)


def if_changed(request: Request, tag: str, data: bytes, kind: str) -> Response:
    """``data``, or that it is what the browser has already (RFC 9110, section 13.1.2)."""
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=kind, headers=headers)
