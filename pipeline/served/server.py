"""The server: uvicorn with an end to every wait, in silence, ended by one signal."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from core.wording import one_line
from pipeline.interrupt import EXIT, SIGNALS
from pipeline.said.progress import say
from pipeline.served.guard import Guard
from pipeline.served.limits import Limits
from pipeline.served.patient import patient


class Server(uvicorn.Server):
    """Serves until it is told to end.

    Attributes:
        ended_by: the signal that ended it; 0 before.
    """

    def __init__(self, app: Guard, limits: Limits, listening: Callable[[], None]):
        """``listening`` is called once, when it answers."""
        super().__init__(
            uvicorn.Config(
                app,
                http=patient(limits),
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                # Nobody stands before it whose word on who asks would count.
                proxy_headers=False,
                timeout_keep_alive=limits.idle_seconds,
                timeout_graceful_shutdown=1,
            )
        )
        self._listening = listening
        self.ended_by = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        asyncio.get_running_loop().set_exception_handler(_one_line)
        await super().startup(sockets=sockets)
        self._listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals inside that are not ignored; they are as before outside."""
        main = threading.current_thread() is threading.main_thread()
        taken = [n for n in SIGNALS if main and signal.getsignal(n) != signal.SIG_IGN]
        before = {number: signal.signal(number, self._end) for number in taken}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self.ended_by:
            os._exit(EXIT + number)
        self.ended_by = number
        self.should_exit = True


def _one_line(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What fails outside of a request."""
    error = context.get("exception")
    say(f"a connection failed: {one_line(str(error or context['message']))}")
