"""Ctrl-C and SIGTERM: the first ends a command in order, a second one at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
EXIT = 128
"""A shell says so much more than the signal's number."""


@dataclass
class Ended:
    """By which signal a command was ended; Ctrl-C's number until one has come."""

    signal: int = signal.SIGINT
    already: bool = False

    @property
    def code(self) -> int:
        """The exit code: 130 for Ctrl-C, 143 for SIGTERM."""
        return EXIT + self.signal

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """End the command so that its ``finally`` blocks run; a second time end the process.

        Raises:
            KeyboardInterrupt: the first time.
        """
        if self.already:
            # What is written is whole or not there, so nothing is lost by not waiting.
            os._exit(EXIT + number)
        self.signal, self.already = number, True
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Ended]:
    """Take the two signals inside, in the main thread; they are as before outside.

    Once one has come the process is about to end, and another ends it at once until it is gone.
    """
    ended = Ended()
    # A shell lets what runs in the background ignore Ctrl-C; so do we.
    taken = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, ended) for number in taken}
    try:
        yield ended
    finally:
        if not ended.already:
            for number, handler in before.items():
                signal.signal(number, handler)
