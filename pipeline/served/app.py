"""The routes: what may be asked, and what is answered."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from core.errors import TencropError
from core.version import VERSION
from pipeline.served.collection import ServedCorpus
from pipeline.served.guard import unforeseen
from pipeline.served.limits import Limits
from pipeline.served.page_files import PageFile
from pipeline.served.page_routes import PageRoutes
from pipeline.served.pictures import PictureRoutes
from pipeline.served.refused import Refused
from pipeline.served.searches import SearchRoutes
from pipeline.served.spoken import Fault
from pipeline.served.workers import Workers

FAULTS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Fault, "description": "What was asked is not answered, and why."},
    503: {"model": Fault, "description": "Too many ask at once; Retry-After says when to."},
}


class Served:
    """An ASGI application for ``collections`` of the run ``run``, and its threads."""

    def __init__(
        self,
        run: str,
        collections: Sequence[ServedCorpus],
        page: dict[str, PageFile],
        limits: Limits,
    ):
        """``page`` are its files, by their names."""
        kinds = (limits.searches, limits.encodings, limits.decodings)
        self._workers = [Workers(threads, limits.waiting) for threads in kinds]
        searching, encoding, decoding = self._workers
        self.app = FastAPI(
            title="Tencrop",
            description="Searches pictures by sentences and sentences by pictures.",
            version=VERSION,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            responses=FAULTS,
        )
        self.app.include_router(PageRoutes(run, collections, page, limits).router)
        self.app.include_router(SearchRoutes(collections, searching, encoding, limits).router)
        self.app.include_router(PictureRoutes(collections, decoding, limits).router)
        for kind, tell in _TOLD.items():
            self.app.add_exception_handler(kind, partial(_told, tell))

    def close(self) -> None:
        """Take nothing more."""
        for workers in self._workers:
            workers.close()


def _none(_error: Exception) -> Refused:
    return Refused(404, "there is no such page; / is the page, /openapi.json says the rest")


def _no_method(_error: Exception) -> Refused:
    return Refused(405, "this is not done to this page; /openapi.json says what is")


def _as_it_is(error: Exception) -> Refused:
    return error if isinstance(error, Refused) else Refused(400, str(error))


def _of_parameters(error: Exception) -> Refused:
    """The first parameter that is not as it must be."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    status = 404 if first["loc"][0] == "path" else 400
    return Refused(status, f"{name}: {first['msg']}; /openapi.json says what each parameter takes")


_TOLD: dict[int | type[Exception], Callable[[Exception], Refused]] = {
    404: _none,
    405: _no_method,
    Refused: _as_it_is,
    TencropError: _as_it_is,
    RequestValidationError: _of_parameters,
    Exception: unforeseen,
}


async def _told(
    tell: Callable[[Exception], Refused], _request: Request, error: Exception
) -> Response:
    refused = tell(error)
    return Response(refused.body, refused.status, refused.headers)
