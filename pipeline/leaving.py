"""A training is saved before Ctrl-C or SIGTERM end it, where the step under way ends soon."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from pipeline.interrupt import SIGNALS
from pipeline.said.progress import say
from train.record import Record

SOON = 10.0
"""Seconds that the step under way, a validation perhaps, and the state may take together."""

Handler = Callable[[int, FrameType | None], Any]


class Leaving:
    """Whether a training is to be left, and what happens once its state counts.

    Attributes:
        waits: whether a signal waits for the next state; else it does what it did before.
        asked: the signal that has come, 0 before.
    """

    def __init__(
        self,
        before: Mapping[int, Handler],
        *,
        soon: float = SOON,
        heard: Callable[[], None] = lambda: None,
    ):
        """Take the place of the handlers ``before``, by the numbers of their signals.

        ``heard`` is called when a signal begins to wait.
        """
        self._before, self._soon, self._heard = before, soon, heard
        self._timer: threading.Timer | None = None
        self.waits = False
        self.asked = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Wait for the next state; what comes after it, or too late a state, ends it at once."""
        if not self.waits or self.asked:
            self.close()
            self.asked = 0
            self._before[number](number, frame)
            return
        self.asked = number
        self._heard()
        main = threading.main_thread().ident
        # A signal wakes the main thread where it waits, too.
        self._timer = threading.Timer(self._soon, signal.pthread_kill, (main, number))
        self._timer.daemon = True
        self._timer.start()

    def wanted(self) -> bool:
        """Whether a state is wanted after this step."""
        return bool(self.asked)

    def saved(self, record: Record) -> None:
        """Told each record once it counts: the training is left here, if that was asked.

        Raises:
            KeyboardInterrupt: by the handler that was there before.
        """
        if self.asked and not record.done:
            step = f"step {record.step} of epoch {record.epoch + 1}"
            say(f"saved at {step if record.step else f'the end of epoch {record.epoch}'}")
            self.end()

    def end(self) -> None:
        """Do what was asked, if anything was, as the handler before would have.

        Raises:
            KeyboardInterrupt: by it.
        """
        self.close()
        number, self.asked = self.asked, 0
        if number:
            self._before[number](number, None)

    def close(self) -> None:
        """Nothing waits any more."""
        self.waits = False
        if self._timer:
            self._timer.cancel()


@contextmanager
def leaving(*, soon: float = SOON, heard: Callable[[], None] = lambda: None) -> Iterator[Leaving]:
    """Take the signals inside that have a handler; they are as before outside (see ``Leaving``).

    Outside of the main thread, which alone has signals, nothing is taken.
    """
    main = threading.current_thread() is threading.main_thread()
    found = {number: signal.getsignal(number) for number in SIGNALS if main}
    before: dict[int, Handler] = {n: h for n, h in found.items() if callable(h)}
    taken = Leaving(before, soon=soon, heard=heard)
    for number in before:
        signal.signal(number, taken)
    try:
        yield taken
        taken.end()
    finally:
        taken.close()
        for number, handler in before.items():
            signal.signal(number, handler)
