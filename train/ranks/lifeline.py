"""Which ranks live: a connection of each to rank 0, which the system closes with its process.

So a rank that is killed is known of at once, whatever the others compute at the moment, and no time
is a limit: a rank may take as long as it wants, or be stopped and go on. A machine that is gone
answers no probe, and is known of within ``PROBES`` seconds.
"""

import json
import os
import secrets
import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from core.errors import RunError

DIED = "died"
DONE = "done"
ASKED = "asked"
"""What a rank says that goes on until rank 0 has saved what all have done."""
PROBES = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 5}
"""Seconds before the first probe and between them, and how many may be lost: 35 s in all."""
COME, GREET = 300.0, 10.0
"""Seconds in which all must have come, and in which one that has come must say who it is."""
LOCAL = ("localhost", "127.0.0.1")
MOST_BYTES = 10_000  # of a line


class End(NamedTuple):
    """How a rank ended: ``died``, or what it said; ``who`` names its process."""

    rank: int
    who: str
    how: str

    def to_line(self) -> bytes:
        """As it is sent."""
        return json.dumps(self._asdict()).encode() + b"\n"


class Lifeline:
    """One end of it; a thread waits for others to end.

    Attributes:
        lost: of the rank that ended before its work was done, the first that is known; or None.
    """

    def __init__(
        self,
        rank: int,
        count: int,
        host: str,
        from_first: Callable[[bytes], bytes],
        lost: Callable[[End], None],
        asked: Callable[[End], None],
    ):
        """Meet the others.

        Args:
            rank: from 0.
            count: of ranks.
            host: where rank 0 is.
            from_first: given the bytes of rank 0, gives them to all.
            lost: called from the thread, once, when a rank has ended before its work was done.
            asked: called from the thread when a rank was asked to end, and goes on for a while.

        Raises:
            RunError: rank 0 cannot be reached, or a rank does not come.
        """
        self.rank = rank
        self.lost: End | None = None
        self._told, self._asked = lost, asked
        self._who: dict[int, str] = {}
        self._links: dict[int, socket.socket] = {}
        try:
            self._meet(count, host, from_first)
        except OSError as error:
            raise RunError(
                f"rank {rank}: the ranks do not reach each other on {host} ({error}); let "
                "MASTER_ADDR name rank 0's machine as all of them reach it"
            ) from error
        self._thread = threading.Thread(target=self._listen, name="lifeline", daemon=True)
        self._thread.start()

    def close(self, how: str = DONE) -> None:
        """End in order, and let the others know ``how``."""
        self._told = lambda end: None
        for link in self._links.values():
            with suppress(OSError):
                link.sendall(End(self.rank, _me(), how).to_line())
                link.shutdown(socket.SHUT_WR)

    def ask(self) -> None:
        """Let rank 0 know that this one was asked to end."""
        for link in self._links.values() if self.rank else ():
            with suppress(OSError):
                link.sendall(End(self.rank, _me(), ASKED).to_line())

    def _meet(self, count: int, host: str, from_first: Callable[[bytes], bytes]) -> None:
        if self.rank == 0:
            self._greet(count, host, from_first)
            return
        address = json.loads(from_first(b""))
        link = socket.create_connection((host, address["port"]), timeout=COME)
        mine = {"token": address["token"], "rank": self.rank, "who": _me()}
        link.sendall(json.dumps(mine).encode() + b"\n")
        self._keep(0, link, address["who"])

    def _greet(self, count: int, host: str, from_first: Callable[[bytes], bytes]) -> None:
        """Let the others come; the token that they were told tells them from strangers."""
        token = secrets.token_hex(16)
        with socket.create_server((host if host in LOCAL else "", 0)) as server:
            server.settimeout(COME)
            told = {"port": server.getsockname()[1], "token": token, "who": _me()}
            from_first(json.dumps(told).encode())
            while len(self._links) < count - 1:
                link, _ = server.accept()
                link.settimeout(GREET)
                hello: dict[str, Any] = {}
                with suppress(OSError, ValueError):
                    hello = _line(link)
                if secrets.compare_digest(str(hello.get("token")).encode(), token.encode()):
                    self._keep(int(hello["rank"]), link, str(hello["who"]))
                else:
                    link.close()

    def _keep(self, rank: int, link: socket.socket, who: str) -> None:
        link.settimeout(None)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in PROBES.items():
            if hasattr(socket, name):  # not every system has all of them
                link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._links[rank], self._who[rank] = link, who

    def _listen(self) -> None:
        with selectors.DefaultSelector() as waiting:
            for rank, link in self._links.items():
                waiting.register(link, selectors.EVENT_READ, rank)
            while waiting.get_map():
                for key, _ in waiting.select():
                    end = self._end(key.data)
                    if end.how == ASKED:
                        self._asked(end)
                        continue
                    waiting.unregister(key.fileobj)
                    if end.how != DONE and self.lost is None:
                        self._lose(end)

    def _end(self, rank: int) -> End:
        """What the rank said at its end; that it died, where it said nothing."""
        told: Mapping[str, Any] = {}
        with suppress(OSError):
            told = _line(self._links[rank])
        return End(**told) if told else End(rank, self._who[rank], DIED)

    def _lose(self, end: End) -> None:
        self.lost = end
        for rank, link in self._links.items() if self.rank == 0 else ():
            if rank != end.rank:
                with suppress(OSError):
                    link.sendall(end.to_line())
        self._told(end)


def _line(link: socket.socket) -> dict[str, Any]:
    """One line of JSON; nothing where the connection ends before."""
    data = bytearray()
    while not data.endswith(b"\n") and len(data) < MOST_BYTES:
        if not (more := link.recv(1)):
            return {}
        data += more
    found = json.loads(data)
    return found if isinstance(found, dict) else {}


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
