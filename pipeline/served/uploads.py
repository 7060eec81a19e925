"""A picture that a client sends: so many bytes and no more, whatever it says of them before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.pictures import FORMATS
from pipeline.served.limits import MEGABYTE, Limits
from pipeline.served.refused import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

BYTES = "application/octet-stream"


class Uploads:
    """What all clients are sending now, within a budget of bytes."""

    def __init__(self, limits: Limits):
        """As ``limits`` has it."""
        self._most, self._left = limits.upload, limits.uploads

    @asynccontextmanager
    async def body(self, request: "Request") -> AsyncIterator[bytes]:
        """The bytes that are sent; they count until the block ends.

        Raises:
            Refused: 400 nothing, or not all of it; 413 too many; 415 of another type; 503 too many
                of all clients together.
        """
        _require_picture(request.headers.get("content-type", ""))
        declared = request.headers.get("content-length", "")
        self._require_few(int(declared) if declared.isdecimal() else 0)
        data = bytearray()
        try:
            await self._read(request, data)
            if not data:
                raise Refused(400, "no picture was sent; send its bytes as the body")
            yield bytes(data)
        finally:
            self._left += len(data)

    async def _read(self, request: "Request", data: bytearray) -> None:
        from starlette.requests import ClientDisconnect

        try:
            async for part in request.stream():
                self._require_few(len(data) + len(part))
                if len(part) > self._left:
                    raise Refused(503, "too much is sent at once; ask again in a moment", after=5)
                self._left -= len(part)
                data += part
        except ClientDisconnect:
            raise Refused(400, "the picture was not sent whole; send it again") from None

    def _require_few(self, size: int) -> None:
        if size > self._most:
            most = f"{self._most / MEGABYTE:g} megabytes"
            raise Refused(413, f"a picture of more than {most} is not taken; send a smaller one")


def _require_picture(kind: str) -> None:
    """A form, the one thing that another site's page may send unasked, is of none of these."""
    name = kind.partition(";")[0].strip().lower()
    if name != BYTES and not name.startswith("image/"):
        raise Refused(
            415,
            f"{name or 'a body without a type'} is no picture; send one of {', '.join(FORMATS)}, "
            f"as image/... or {BYTES}",
        )
