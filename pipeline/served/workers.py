"""Threads that do what takes time, so that nobody waits for a search who asks for a picture."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from pipeline.served.refused import Refused

T = TypeVar("T")


class Workers:
    """So many threads, and so many requests that wait for one; more are told to come again."""

    def __init__(self, threads: int, waiting: int):
        """``threads`` work, ``waiting`` requests wait."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tencrop-served")
        self._most = threads + waiting
        self._asked: set[Future[Any]] = set()

    async def do(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, in one of the threads.

        Raises:
            Refused: 503: too many wait.
        """
        if len(self._asked) >= self._most:
            raise Refused(503, "too many ask at once; ask again in a second", after=1)
        asked = self._pool.submit(work)
        # One whose client has gone is counted until its thread is free again.
        self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        return await asyncio.wrap_future(asked)

    def close(self) -> None:
        """Take nothing more; what is under way is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
