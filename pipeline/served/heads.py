"""The head of a request, measured and read as strictly as it may be: h11 alone takes more.

h11 measures a head that is not yet whole, and none that comes in one piece. It takes a body whose
length is told twice, in two ways, and headers that a browser sends once: who stands between may
read them otherwise than we do, so that one request is two (RFC 9112, sections 6.3 and 11.2).
"""

import h11

ONCE = frozenset({b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode"})
"""Headers that say who asks; of two nobody knows which counts."""
LENGTHS = frozenset({b"content-length", b"transfer-encoding"})


class Heads(h11.Connection):
    """The server's side of a connection; a head has at most ``most`` bytes."""

    def __init__(self, most: int):
        """Nothing was sent yet."""
        super().__init__(h11.SERVER, most)
        self._most = most

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """What was sent next.

        Raises:
            RemoteProtocolError: it is no HTTP, or no head that is taken; with 431 it is too long.
        """
        before = len(self.trailing_data[0]) if self.their_state is h11.IDLE else 0
        event = super().next_event()
        if isinstance(event, h11.Request):
            if before - len(self.trailing_data[0]) > self._most:
                raise h11.RemoteProtocolError("the head is too long", error_status_hint=431)
            _require_clear(event)
        return event


def _require_clear(request: h11.Request) -> None:
    names = [name for name, _ in request.headers]
    if set(names) >= LENGTHS or any(names.count(name) > 1 for name in ONCE):
        raise h11.RemoteProtocolError("the head may be read in two ways")
