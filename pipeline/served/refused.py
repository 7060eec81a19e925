"""A request that is refused, and what every answer says to the browser beside its content."""

import json

from core.wording import one_line

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""Headers of every answer: what runs is ours, what is shown is ours, and no other page has it."""


class Refused(Exception):
    """What is not answered; the message is one line that ends with the way out.

    Attributes:
        status: HTTP's number for it (RFC 9110).
        after: seconds after which it may be asked again; 0 where that would not help.
    """

    def __init__(self, status: int, message: str, *, after: int = 0):
        """``message`` ends with the way out."""
        super().__init__(message)
        self.status = status
        self.after = after

    @property
    def body(self) -> bytes:
        """As JSON."""
        return json.dumps({"error": one_line(str(self))}).encode()

    @property
    def headers(self) -> dict[str, str]:
        """Of this answer, beside ``SAFE``."""
        told = {"content-type": "application/json", "cache-control": "no-store"}
        return told | ({"retry-after": str(self.after)} if self.after else {})


def as_sent(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they go over the wire."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]
