"""HTTP over one connection, with an end to every wait: uvicorn's own waits for ever.

A client that sends a byte a second, or takes nothing of what it is answered, holds a connection and
nothing else, and that for a while. What is refused before all of it was sent is answered at once,
and what still comes is thrown away for a few seconds: a connection that is closed on a client that
sends makes it lose the answer.
"""

import asyncio
import sys

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipeline.served.heads import Heads
from pipeline.served.limits import Limits
from pipeline.served.refused import SAFE, Refused, as_sent

HEAD, BODY, TAKEN, DRAINED = "head", "body", "taken", "drained"


class Patient(H11Protocol):
    """A connection; ``limits`` are a subclass's (see ``patient``)."""

    limits: Limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, or send the client away where there are too many."""
        super().connection_made(transport)
        self.conn = Heads(self.limits.head)
        self._waits: tuple[str, int] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._done = 0
        self._over = False
        # The transport tells of any byte that is not taken, not only of many.
        transport.set_write_buffer_limits(high=0)
        if len(self.connections) > self.limits.connections:
            self._end(Refused(503, "too many are connected; try again in a minute", after=60))
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what is sent; nothing more of what was refused."""
        if self._over:
            return
        super().data_received(data)
        self._watch()

    def pause_writing(self) -> None:
        """The client does not take what it is sent."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """It has taken it."""
        super().resume_writing()
        self._watch()

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        self._done += 1
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say what is no HTTP, or too long; uvicorn calls it where h11 has refused a request."""
        error = sys.exception()
        if getattr(error, "error_status_hint", 400) == 431:
            most = f"{self.limits.head:,} bytes"
            self._end(
                Refused(413, f"a question of more than {most} is not taken; ask a shorter one")
            )
        else:
            self._end(Refused(400, "this is no request of HTTP; open the page in a browser"))
        del msg

    def shutdown(self) -> None:
        """The server ends: only what is being answered is waited for."""
        if self._waits or self._over:
            self.transport.abort()
        else:
            super().shutdown()

    def _watch(self) -> None:
        """Set the clock anew where something else is waited for than before."""
        now = self._waited_for()
        if now == self._waits:
            return
        self._waits = now
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if now:
            seconds = getattr(self.limits, f"{now[0]}_seconds")
            self._timer = self.loop.call_later(seconds, self._too_late)

    def _waited_for(self) -> tuple[str, int] | None:
        """What the client is to do, and in which request; None where it has nothing to do."""
        if self.flow.write_paused:
            return TAKEN, self._done
        theirs = self.conn.their_state
        if self._over or (theirs is h11.SEND_BODY and self.conn.our_state is not h11.SEND_RESPONSE):
            return DRAINED, self._done
        if theirs is h11.SEND_BODY:
            return BODY, self._done
        begun = not self._done or self.conn.trailing_data[0]
        return (HEAD, self._done) if theirs is h11.IDLE and begun else None

    def _too_late(self) -> None:
        waited = self._waits[0] if self._waits else ""
        if waited in (HEAD, BODY):
            self._end(Refused(408, f"the {waited} of the request took too long; send it again"))
            self._watch()
        else:
            self.transport.abort()

    def _end(self, refused: Refused) -> None:
        """Answer for the last time; what comes after it is thrown away."""
        self._over = True
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        told = SAFE | refused.headers | {"connection": "close"}
        headers = [*as_sent(told), (b"content-length", str(len(refused.body)).encode())]
        sent = [
            self.conn.send(h11.Response(status_code=refused.status, headers=headers)),
            self.conn.send(h11.Data(data=refused.body)),
            self.conn.send(h11.EndOfMessage()),
        ]
        self.transport.write(b"".join(part for part in sent if part))
        self.transport.write_eof()


def patient(limits: Limits) -> type[Patient]:
    """A connection's class with these limits, as uvicorn takes it."""
    return type("Bounded", (Patient,), {"limits": limits})
