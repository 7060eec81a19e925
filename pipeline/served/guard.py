"""What stands before every route: who asks, how much is asked, and what every answer says."""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from core.errors import is_short_of_memory
from core.wording import one_line
from pipeline.said.progress import say
from pipeline.served.names import require_name, require_own_page
from pipeline.served.refused import SAFE, Refused, as_sent

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_PATH = 200
"""Characters; no path that there is has so many."""


class Guard:
    """An ASGI application around another; whatever happens, the answer is JSON of one line."""

    def __init__(self, app: "ASGIApp", names: frozenset[str]):
        """``names`` are those that ``Host`` may say."""
        self._app, self._names = app, names

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        began = False

        async def secured(message: MutableMapping[str, Any]) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                headers = [*message["headers"], *as_sent(SAFE)]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        try:
            self._admit(scope)
            await self._app(scope, receive, secured)
        except Refused as refused:
            await answer(refused, secured)
        except Exception as error:
            say(f"a request failed: unexpected {type(error).__name__}: {one_line(str(error))}")
            if not began:
                await answer(unforeseen(error), secured)

    def _admit(self, scope: "Scope") -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in
                   scope["headers"]}  # fmt: skip
        require_name(headers, self._names)
        require_own_page(headers, scope["path"])
        if len(scope["path"]) > LONGEST_PATH:
            raise Refused(404, "there is no such page; / is the page, /openapi.json says the rest")
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if has_body and scope["method"] != "POST":
            raise Refused(413, "a body is sent with POST alone; leave it out")


def unforeseen(error: Exception) -> Refused:
    """What a client is told of an error that nobody foresaw."""
    if is_short_of_memory(error):
        return Refused(503, "the memory does not suffice; end other programs, ask again", after=5)
    return Refused(500, "this went wrong; what, is said where `serve` runs")


async def answer(refused: Refused, send: "Send") -> None:
    """Send a refusal."""
    headers = refused.headers | {"content-length": str(len(refused.body))}
    start = {"type": "http.response.start", "status": refused.status, "headers": as_sent(headers)}
    await send(start)
    await send({"type": "http.response.body", "body": refused.body})
